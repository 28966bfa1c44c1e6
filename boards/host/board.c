// SPDX-License-Identifier: MIT
//
// A Linux process as a board.
#include "boards/board.h"

#include <stdlib.h>
#include <unistd.h>

#include "drivers/clock/host.h"
#include "drivers/uart/host.h"
#include "kernel/panic.h"

const char board_name[] = "host";

static uint8_t rx0[4096], tx0[4096];
static struct uart uart0 = UART_INIT(uart0, "uart0", &uart_host, 0, 0, 115200, rx0, tx0);
struct uart *const board_uarts[] = { &uart0, NULL };

static void put(char c)
{
    uart_put_polled(&uart0, (uint8_t)c);
}

const bool board_has_led = false;

void board_led(bool on)
{
    (void)on;
}

void board_init(void)
{
    clock_host_init(getenv("STINT_VIRTUAL") != NULL);
    uart_start(&uart0);
    panic_putc = put;
}

// SPDX-License-Identifier: MIT
//
// Arm MPS2+, image AN386: Cortex-M4F at 25 MHz (DAI0386; registers: DDI0479).
#include "boards/board.h"

#include "drivers/clock/cmsdk.h"
#include "drivers/irq/irq.h"
#include "drivers/uart/cmsdk.h"
#include "kernel/panic.h"

enum { CORE_HZ = 25000000, UART0_RX = 0, UART1_RX = 2, TIMER1 = 9, ETHERNET = 13 };

const char board_name[] = "mps2-an386";
const struct clock_cmsdk clock_cmsdk = { .counter = 0x40000000,
                                         .alarm = 0x40001000,
                                         .line = TIMER1 };

static uint8_t rx0[256], tx0[256], rx1[256], tx1[256];
static struct uart uart0 =
    UART_INIT(uart0, "uart0", &uart_cmsdk, 0x40004000, UART0_RX, 115200, rx0, tx0);
static struct uart uart1 =
    UART_INIT(uart1, "uart1", &uart_cmsdk, 0x40005000, UART1_RX, 115200, rx1, tx1);
struct uart *const board_uarts[] = { &uart0, &uart1, NULL };

static void uart0_handler(void)
{
    uart_cmsdk_interrupt(&uart0);
}

static void uart1_handler(void)
{
    uart_cmsdk_interrupt(&uart1);
}

void board_netdev_interrupt(void) __attribute__((weak)); // net.c, in programs that use it

IRQ_TABLE = {
    [ETHERNET] = board_netdev_interrupt, [UART0_RX] = uart0_handler,
    [UART0_RX + 1] = uart0_handler,      [UART1_RX] = uart1_handler,
    [UART1_RX + 1] = uart1_handler,      [TIMER1] = clock_cmsdk_interrupt,
};

static void put(char c)
{
    uart_put_polled(&uart0, (uint8_t)c);
}

// The two user LEDs (FPGAIO LED0 register).
const bool board_has_led = true;

void board_led(bool on)
{
    *(volatile uint32_t *)0x40028000 = on;
}

void board_init(void)
{
    uart0.clock_hz = uart1.clock_hz = CORE_HZ;
    clock_cmsdk_init();
    uart_start(&uart0);
    uart_start(&uart1);
    panic_putc = put;
}

// SPDX-License-Identifier: MIT
//
// BBC micro:bit, version 1: nRF51822, Cortex-M0 at 16 MHz. The console goes to the USB interface.
#include "boards/board.h"

#include "drivers/clock/nrf51.h"
#include "drivers/irq/irq.h"
#include "drivers/uart/nrf51.h"
#include "kernel/panic.h"

#define GPIO_OUTSET (*(volatile uint32_t *)0x50000508)
#define GPIO_OUTCLR (*(volatile uint32_t *)0x5000050C)
#define GPIO_DIRSET (*(volatile uint32_t *)0x50000518)

enum {
    UART0 = 2,
    PIN_TX = 24,
    PIN_RX = 25,
    LED_COLUMN_1 = 1 << 4, // low to light
    LED_ROW_1 = 1 << 13,   // high to light
};

const char board_name[] = "microbit";

static uint8_t rx0[128], tx0[128];
static struct uart uart0 =
    UART_INIT(uart0, "uart0", &uart_nrf51, 0x40002000, UART0, 115200, rx0, tx0);
struct uart *const board_uarts[] = { &uart0, NULL };

static void uart0_handler(void)
{
    uart_nrf51_interrupt(&uart0);
}

IRQ_TABLE = {
    [UART0] = uart0_handler,
    [CLOCK_NRF51_LINE] = clock_nrf51_interrupt,
};

static void put(char c)
{
    uart_put_polled(&uart0, (uint8_t)c);
}

// The upper left of the 25.
const bool board_has_led = true;

void board_led(bool on)
{
    if (on) {
        GPIO_OUTSET = LED_ROW_1;
    } else {
        GPIO_OUTCLR = LED_ROW_1;
    }
}

void board_init(void)
{
    GPIO_DIRSET = LED_COLUMN_1 | LED_ROW_1;
    clock_nrf51_init(); // without its crystal the board still works, if less exactly
    uart0.clock_hz = 16000000;
    uart_nrf51_pins(&uart0, PIN_TX, PIN_RX);
    uart_start(&uart0);
    panic_putc = put;
}

// SPDX-License-Identifier: MIT
//
// Arm MPS3, image AN547: Cortex-M55 (SSE-300) at 32 MHz, UARTs at 25 MHz (DAI0547, SSE-300 TRM
// 101773; registers of the UARTs: DDI0479). All addresses are the secure ones: the program never
// leaves the state that the processor starts in.
#include "boards/board.h"

#include "drivers/clock/sse.h"
#include "drivers/irq/irq.h"
#include "drivers/uart/cmsdk.h"
#include "kernel/panic.h"

enum { UART_HZ = 25000000, TIMER0 = 3, UART0_RX = 33, UART1_RX = 35, ETHERNET = 49 };

const char board_name[] = "mps3-an547";
const struct clock_sse clock_sse = { .counter = 0x58100000, .timer = 0x58000000, .line = TIMER0 };

static uint8_t rx0[256], tx0[256], rx1[256], tx1[256];
static struct uart uart0 =
    UART_INIT(uart0, "uart0", &uart_cmsdk, 0x59303000, UART0_RX, 115200, rx0, tx0);
static struct uart uart1 =
    UART_INIT(uart1, "uart1", &uart_cmsdk, 0x59304000, UART1_RX, 115200, rx1, tx1);
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
    [ETHERNET] = board_netdev_interrupt, [TIMER0] = clock_sse_interrupt,
    [UART0_RX] = uart0_handler,          [UART0_RX + 1] = uart0_handler,
    [UART1_RX] = uart1_handler,          [UART1_RX + 1] = uart1_handler,
};

static void put(char c)
{
    uart_put_polled(&uart0, (uint8_t)c);
}

// The user LEDs (FPGAIO LED0 register).
const bool board_has_led = true;

void board_led(bool on)
{
    *(volatile uint32_t *)0x59302000 = on;
}

void board_init(void)
{
    uart0.clock_hz = uart1.clock_hz = UART_HZ;
    clock_sse_init();
    uart_start(&uart0);
    uart_start(&uart1);
    panic_putc = put;
}

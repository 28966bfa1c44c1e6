// SPDX-License-Identifier: MIT
//
// The LM3S6965 evaluation board: Cortex-M3 at 50 MHz (LM3S6965 data sheet; chapter "System control"
// for the clocks). The console is UART0, which goes to the USB interface.
#include "boards/board.h"

#include "drivers/clock/systick.h"
#include "drivers/irq/irq.h"
#include "drivers/uart/pl011.h"
#include "kernel/panic.h"

#define SYSCTL_RIS           (*(volatile uint32_t *)0x400FE050)
#define SYSCTL_MISC          (*(volatile uint32_t *)0x400FE058) // writing 1 clears
#define SYSCTL_RCC           (*(volatile uint32_t *)0x400FE060)
#define SYSCTL_RCGC1         (*(volatile uint32_t *)0x400FE104)
#define SYSCTL_RCGC2         (*(volatile uint32_t *)0x400FE108)
#define GPIO_PIN(port, pins) (*(volatile uint32_t *)((port) + 4 * (pins))) // the data of these only
#define GPIO_DIR(port)       (*(volatile uint32_t *)((port) + 0x400))
#define GPIO_AFSEL(port)     (*(volatile uint32_t *)((port) + 0x420))
#define GPIO_DEN(port)       (*(volatile uint32_t *)((port) + 0x51C))

enum {
    UART0 = 5,
    UART1 = 6,
    UART2 = 33,
    ETHERNET = 42,
    PORT_A = 0x40004000,
    PORT_D = 0x40007000,
    PORT_F = 0x40025000,
    PORT_G = 0x40026000,
    RCGC1_UARTS = 7,
    RCGC2_PORTS = 1 << 0 | 1 << 3 | 1 << 5 | 1 << 6,
    CRYSTAL_HZ = 8000000,
    PLL_HZ = 50000000,
    RCC_BYPASS = 1 << 11,
    RCC_CRYSTAL = 14 << 6,                               // 8 MHz, main oscillator, PLL powered
    RCC_DIVIDE = 3 << 23 | 1 << 22,                      // 200 MHz / 4
    RCC_ALL = 31 << 22 | 1 << 13 | 15 << 6 | 3 << 4 | 1, // all that this is about
    PLL_LOCKED = 1 << 6,
    LOOKS = 20000, // 5 ms at least; it takes 0.5
};

const char board_name[] = "lm3s6965evb";

static uint8_t rx0[256], tx0[256], rx1[128], tx1[128], rx2[128], tx2[128];
static struct uart uart0 =
    UART_INIT(uart0, "uart0", &uart_pl011, 0x4000C000, UART0, 115200, rx0, tx0);
static struct uart uart1 =
    UART_INIT(uart1, "uart1", &uart_pl011, 0x4000D000, UART1, 115200, rx1, tx1);
static struct uart uart2 =
    UART_INIT(uart2, "uart2", &uart_pl011, 0x4000E000, UART2, 115200, rx2, tx2);
struct uart *const board_uarts[] = { &uart0, &uart1, &uart2, NULL };

static void uart0_handler(void)
{
    uart_pl011_interrupt(&uart0);
}

static void uart1_handler(void)
{
    uart_pl011_interrupt(&uart1);
}

static void uart2_handler(void)
{
    uart_pl011_interrupt(&uart2);
}

// In net.c, which is linked only into programs that use the network; NULL otherwise, and never enabled.
void board_netdev_interrupt(void) __attribute__((weak));

IRQ_TABLE = {
    [UART0] = uart0_handler,
    [UART1] = uart1_handler,
    [UART2] = uart2_handler,
    [ETHERNET] = board_netdev_interrupt,
};

static void put(char c)
{
    uart_put_polled(&uart0, (uint8_t)c);
}

// The status LED: PF0.
const bool board_has_led = true;

void board_led(bool on)
{
    GPIO_PIN(PORT_F, 1) = on;
}

static void pause(void)
{
    for (unsigned i = 0; i < LOOKS; i++) {
        (void)SYSCTL_RIS;
    }
}

// The order of the data sheet, "Initialization and configuration": on the bare oscillator, then
// crystal and PLL, then the divider, and the PLL at last. Returns the frequency the core runs at:
// the crystal's if the PLL does not lock.
static uint32_t start_pll(void)
{
    uint32_t rcc = (SYSCTL_RCC & ~(uint32_t)RCC_ALL) | RCC_BYPASS;
    unsigned looks = LOOKS;

    SYSCTL_RCC = (SYSCTL_RCC & ~(1u << 22 | 1u)) | RCC_BYPASS;
    pause(); // the crystal
    SYSCTL_MISC = PLL_LOCKED;
    SYSCTL_RCC = rcc | RCC_CRYSTAL;
    while ((SYSCTL_RIS & PLL_LOCKED) == 0) {
        if (--looks == 0) {
            return CRYSTAL_HZ;
        }
    }
    SYSCTL_RCC = rcc | RCC_CRYSTAL | RCC_DIVIDE;
    pause(); // some chips take the PLL undivided if it comes at once
    SYSCTL_RCC = (rcc & ~(uint32_t)RCC_BYPASS) | RCC_CRYSTAL | RCC_DIVIDE;
    return PLL_HZ;
}

static void start_pins(void)
{
    SYSCTL_RCGC1 |= RCGC1_UARTS;
    SYSCTL_RCGC2 |= RCGC2_PORTS;
    (void)SYSCTL_RCGC2;           // a clock takes three cycles to come on
    GPIO_AFSEL(PORT_A) |= 3;      // PA0, PA1: UART0
    GPIO_DEN(PORT_A) |= 3;        //
    GPIO_AFSEL(PORT_D) |= 3 << 2; // PD2, PD3: UART1
    GPIO_DEN(PORT_D) |= 3 << 2;   //
    GPIO_AFSEL(PORT_G) |= 3;      // PG0, PG1: UART2
    GPIO_DEN(PORT_G) |= 3;        //
    GPIO_DIR(PORT_F) |= 1;        // PF0: LED
    GPIO_DEN(PORT_F) |= 1;        //
}

void board_init(void)
{
    uart0.clock_hz = uart1.clock_hz = uart2.clock_hz = start_pll();
    start_pins();
    clock_systick_init();
    uart_start(&uart0);
    uart_start(&uart1);
    uart_start(&uart2);
    panic_putc = put;
}

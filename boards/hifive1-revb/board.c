// SPDX-License-Identifier: MIT
//
// SiFive HiFive1 Rev B: FE310-G002 (manual v1p5, named by chapter) with a 16 MHz crystal. The
// second UART is that of the ESP32 module.
#include "boards/board.h"

#include "drivers/clock/clint.h"
#include "drivers/irq/irq.h"
#include "drivers/irq/plic.h"
#include "drivers/uart/sifive.h"
#include "kernel/panic.h"

enum { CRYSTAL_HZ = 16000000, RING_HZ = 14400000, UART0 = 3, UART1 = 4 };

const char board_name[] = "hifive1-revb";
const uintptr_t clint_base = 0x02000000;
const uintptr_t plic_base = 0x0C000000;

static uint8_t rx0[256], tx0[128], rx1[64], tx1[64];
static struct uart uart0 =
    UART_INIT(uart0, "uart0", &uart_sifive, 0x10013000, UART0, 115200, rx0, tx0);
static struct uart uart1 =
    UART_INIT(uart1, "uart1", &uart_sifive, 0x10023000, UART1, 115200, rx1, tx1);
struct uart *const board_uarts[] = { &uart0, &uart1, NULL };

static void uart0_handler(void)
{
    uart_sifive_interrupt(&uart0);
}

static void uart1_handler(void)
{
    uart_sifive_interrupt(&uart1);
}

IRQ_TABLE = { [UART0] = uart0_handler, [UART1] = uart1_handler };
const unsigned board_irq_count = sizeof board_irqs / sizeof board_irqs[0];

static void put(char c)
{
    uart_put_polled(&uart0, (uint8_t)c);
}

static volatile uint32_t *word(uintptr_t address)
{
    return (volatile uint32_t *)address;
}

// Chapter 6, PRCI.
enum {
    HFROSCCFG = 0x10008000,
    HFXOSCCFG = 0x10008004,
    PLLCFG = 0x10008008,
    PLLOUTDIV = 0x1000800C,
    OSC_ENABLE = 1 << 30,
    HFROSC_DIV_5 = 4, // with this trim, which is that of reset: 72 MHz / 5
    HFROSC_TRIM_16 = 16 << 16,
    PLL_SELECT = 1 << 16, // hfclk comes from here, else from the ring oscillator
    PLL_REF_CRYSTAL = 1 << 17,
    PLL_BYPASS = 1 << 18,
    PLLOUTDIV_BY_1 = 1 << 8,
    ATTEMPTS = 100000, // some tens of milliseconds
};

static bool ready(uintptr_t oscillator)
{
    for (unsigned n = 0; n < ATTEMPTS; n++) {
        if (*word(oscillator) >> 31 != 0) {
            return true;
        }
    }
    return false;
}

// From whatever the boot loader or the last run left to the ring oscillator, and from there to the
// crystal, past the PLL. Returns the frequency; if the crystal does not start, that of the ring,
// which is good to a few percent.
static uint32_t init_clocks(void)
{
    *word(HFROSCCFG) = OSC_ENABLE | HFROSC_TRIM_16 | HFROSC_DIV_5;
    ready(HFROSCCFG);
    *word(PLLCFG) &= ~(uint32_t)PLL_SELECT;
    *word(HFXOSCCFG) = OSC_ENABLE;
    if (!ready(HFXOSCCFG)) {
        return RING_HZ;
    }
    *word(PLLOUTDIV) = PLLOUTDIV_BY_1;
    *word(PLLCFG) = PLL_BYPASS | PLL_REF_CRYSTAL;
    *word(PLLCFG) = PLL_BYPASS | PLL_REF_CRYSTAL | PLL_SELECT;
    return CRYSTAL_HZ;
}

// Chapter 17, GPIO. Pins 16, 17: UART0; 18, 23: UART1. The LED is the green one, lit by a low
// level.
enum {
    OUTPUT_EN = 0x10012008,
    OUTPUT_VAL = 0x1001200C,
    IOF_EN = 0x10012038,
    IOF_SEL = 0x1001203C,
    UART_PINS = 1 << 16 | 1 << 17 | 1 << 18 | 1 << 23,
    LED_PIN = 1 << 19,
};

static void init_pins(void)
{
    *word(IOF_SEL) &= ~(uint32_t)UART_PINS;
    *word(IOF_EN) |= UART_PINS;
    *word(OUTPUT_VAL) |= LED_PIN;
    *word(OUTPUT_EN) |= LED_PIN;
}

const bool board_has_led = true;

void board_led(bool on)
{
    if (on) {
        *word(OUTPUT_VAL) &= ~(uint32_t)LED_PIN;
    } else {
        *word(OUTPUT_VAL) |= LED_PIN;
    }
}

void board_init(void)
{
    uart0.clock_hz = uart1.clock_hz = init_clocks();
    init_pins();
    clock_clint_init();
    plic_init();
    uart_start(&uart0);
    uart_start(&uart1);
    panic_putc = put;
}

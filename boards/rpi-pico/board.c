// SPDX-License-Identifier: MIT
//
// Raspberry Pi Pico: RP2040 (data sheet, named by section) with a 12 MHz crystal. UART0 is on GPIO0
// and 1, UART1 on GPIO4 and 5.
#include "boards/board.h"

#include "drivers/clock/rp2040.h"
#include "drivers/irq/irq.h"
#include "drivers/uart/pl011.h"
#include "kernel/panic.h"

enum { RING_HZ = 6500000, CRYSTAL_HZ = 12000000, PLL_HZ = 125000000, UART0 = 20, UART1 = 21 };

const char board_name[] = "rpi-pico";

static uint8_t rx0[256], tx0[256], rx1[256], tx1[256];
static struct uart uart0 =
    UART_INIT(uart0, "uart0", &uart_pl011, 0x40034000, UART0, 115200, rx0, tx0);
static struct uart uart1 =
    UART_INIT(uart1, "uart1", &uart_pl011, 0x40038000, UART1, 115200, rx1, tx1);
struct uart *const board_uarts[] = { &uart0, &uart1, NULL };

static void uart0_handler(void)
{
    uart_pl011_interrupt(&uart0);
}

static void uart1_handler(void)
{
    uart_pl011_interrupt(&uart1);
}

IRQ_TABLE = {
    [CLOCK_RP2040_LINE] = clock_rp2040_interrupt,
    [UART0] = uart0_handler,
    [UART1] = uart1_handler,
};

static void put(char c)
{
    uart_put_polled(&uart0, (uint8_t)c);
}

// A write to a register's address plus one of these sets or clears the bits that are 1 (2.1.2).
enum { SET = 0x2000, CLEAR = 0x3000 };

static volatile uint32_t *word(uintptr_t address)
{
    return (volatile uint32_t *)address;
}

// Waits, some tens of milliseconds at most, until one of the bits is set.
static bool wait_for(uintptr_t address, uint32_t bits)
{
    for (unsigned n = 0; n < 50000; n++) {
        if ((*word(address) & bits) != 0) {
            return true;
        }
    }
    return false;
}

// 2.14, subsystem resets. A reset of the processor alone leaves the devices as they were.
enum {
    RESETS = 0x4000C000,
    RESET_DONE = 0x4000C008,
    RESET_IO = 1 << 5,
    RESET_PADS = 1 << 8,
    RESET_PLL = 1 << 12,
    RESET_TIMER = 1 << 21,
    RESET_UART0 = 1 << 22,
    RESET_UART1 = 1 << 23,
};

static void reset(uint32_t device)
{
    *word(RESETS + SET) = device;
    *word(RESETS + CLEAR) = device;
    wait_for(RESET_DONE, device); // a UART needs its clock for this
}

// 2.15 clocks, 2.16 crystal oscillator, 2.18 PLL, 4.7 watchdog.
enum {
    CLK_REF_CTRL = 0x40008030, // source 0: ring oscillator, 2: crystal
    CLK_REF_SELECTED = 0x40008038,
    CLK_SYS_CTRL = 0x4000803C, // source 0: clk_ref, 1: the auxiliary source
    CLK_SYS_SELECTED = 0x40008044,
    CLK_PERI_CTRL = 0x40008048, // the UARTs' clock; by default that of the system
    CLK_PERI_ENABLE = 1 << 11,
    XOSC_CTRL = 0x40024000,
    XOSC_STATUS = 0x40024004,
    XOSC_STARTUP = 0x4002400C,
    XOSC_ENABLE = 0xFAB << 12 | 0xAA0, // 1 to 15 MHz
    XOSC_1_MS = 47,                    // in units of 256 periods
    PLL_CS = 0x40028000,               // reference divider 1
    PLL_PWR = 0x40028004,
    PLL_FBDIV = 0x40028008,
    PLL_PRIM = 0x4002800C,
    PLL_PWR_ON = 1 << 5 | 1 << 0, // VCO and all but
    PLL_PWR_POSTDIV = 1 << 3,     // the dividers behind it
    WATCHDOG_TICK = 0x4005802C,
    TICK_ENABLE = 1 << 9,
};
static const uint32_t STABLE = UINT32_C(1) << 31;

// 12 MHz * 125 / 6 / 2. Returns true if it runs.
static bool start_pll(void)
{
    reset(RESET_PLL);
    *word(PLL_CS) = 1;
    *word(PLL_FBDIV) = 125;
    *word(PLL_PWR + CLEAR) = PLL_PWR_ON;
    if (!wait_for(PLL_CS, STABLE)) {
        return false;
    }
    *word(PLL_PRIM) = 6 << 16 | 2 << 12;
    *word(PLL_PWR + CLEAR) = PLL_PWR_POSTDIV;
    return true;
}

// From whatever the last run left to the ring oscillator, from there to the crystal and the PLL, as
// far as they start. Returns the system's frequency; that of the ring is a guess (2.17.2).
static uint32_t init_clocks(void)
{
    uint32_t hz = RING_HZ, ref_hz = RING_HZ;

    *word(CLK_SYS_CTRL + CLEAR) = 1;
    wait_for(CLK_SYS_SELECTED, 1 << 0);
    *word(CLK_SYS_CTRL) = 0; // the auxiliary source: the PLL
    *word(CLK_REF_CTRL + CLEAR) = 3;
    wait_for(CLK_REF_SELECTED, 1 << 0);
    *word(XOSC_STARTUP) = XOSC_1_MS;
    *word(XOSC_CTRL) = XOSC_ENABLE;
    if (wait_for(XOSC_STATUS, STABLE)) {
        *word(CLK_REF_CTRL + SET) = 2;
        wait_for(CLK_REF_SELECTED, 1 << 2);
        hz = ref_hz = CRYSTAL_HZ;
        if (start_pll()) {
            *word(CLK_SYS_CTRL + SET) = 1;
            wait_for(CLK_SYS_SELECTED, 1 << 1);
            hz = PLL_HZ;
        }
    }
    *word(CLK_PERI_CTRL) = CLK_PERI_ENABLE;
    *word(WATCHDOG_TICK) = TICK_ENABLE | ref_hz / 1000000; // clk_ref periods per tick
    return hz;
}

// 2.19 GPIO, 2.3.1 SIO.
enum { FUNCTION_UART = 2, FUNCTION_SIO = 5, LED = 25 };
enum { SIO_OUT_SET = 0xD0000014, SIO_OUT_CLEAR = 0xD0000018, SIO_OE_SET = 0xD0000024 };

static void set_function(unsigned pin, uint32_t function)
{
    *word(0x40014004 + 8 * pin) = function;
}

static void init_pins(void)
{
    reset(RESET_IO);
    reset(RESET_PADS);
    set_function(0, FUNCTION_UART);
    set_function(1, FUNCTION_UART);
    set_function(4, FUNCTION_UART);
    set_function(5, FUNCTION_UART);
    *word(SIO_OUT_CLEAR) = 1 << LED;
    *word(SIO_OE_SET) = 1 << LED;
    set_function(LED, FUNCTION_SIO);
}

const bool board_has_led = true;

void board_led(bool on)
{
    *word(on ? SIO_OUT_SET : SIO_OUT_CLEAR) = 1 << LED;
}

void board_init(void)
{
    uart0.clock_hz = uart1.clock_hz = init_clocks();
    init_pins();
    reset(RESET_TIMER);
    reset(RESET_UART0);
    reset(RESET_UART1);
    clock_rp2040_init();
    uart_start(&uart0);
    uart_start(&uart1);
    panic_putc = put;
}

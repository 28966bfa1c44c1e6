// SPDX-License-Identifier: MIT
//
// STM32 value line discovery: STM32F100RB, Cortex-M3 at 24 MHz (RM0041; UM0919). The console is
// USART1: PA9 sends, PA10 receives.
#include "boards/board.h"

#include "drivers/clock/systick.h"
#include "drivers/irq/irq.h"
#include "drivers/uart/stm32.h"
#include "kernel/panic.h"

#define RCC_CR      (*(volatile uint32_t *)0x40021000)
#define RCC_CFGR    (*(volatile uint32_t *)0x40021004)
#define RCC_APB2ENR (*(volatile uint32_t *)0x40021018)
#define GPIOA_CRH   (*(volatile uint32_t *)0x40010804)
#define GPIOA_BSRR  (*(volatile uint32_t *)0x40010810)
#define GPIOC_CRH   (*(volatile uint32_t *)0x40011004)
#define GPIOC_BSRR  (*(volatile uint32_t *)0x40011010)

enum {
    USART1 = 37,
    HSI_HZ = 8000000,
    PLL_HZ = 24000000,
    CR_HSE_ON = 1 << 16,
    CR_HSE_READY = 1 << 17,
    CR_PLL_ON = 1 << 24,
    CR_PLL_READY = 1 << 25,
    CFGR_PLL = 2,                            // the core's clock
    CFGR_IS_PLL = 2 << 2,                    //
    CFGR_HSI_BY_2_TIMES_6 = 4 << 18,         // the PLL's: 8 MHz / 2 * 6
    CFGR_HSE_TIMES_3 = 1 << 18 | 1 << 16,    // 8 MHz * 3
    APB2_ON = 1 << 14 | 1 << 4 | 1 << 2 | 1, // USART1, ports C and A, alternate functions
    LOOKS = 20000,                           // 10 ms at least; the crystal takes 2
};

const char board_name[] = "stm32vldiscovery";

static uint8_t rx0[128], tx0[64];
static struct uart uart0 =
    UART_INIT(uart0, "uart0", &uart_stm32, 0x40013800, USART1, 115200, rx0, tx0);
struct uart *const board_uarts[] = { &uart0, NULL };

static void uart0_handler(void)
{
    uart_stm32_interrupt(&uart0);
}

// From line 37 on: see vectors.ld.
IRQ_TABLE = { [USART1 - 37] = uart0_handler };

static void put(char c)
{
    uart_put_polled(&uart0, (uint8_t)c);
}

// The blue one, LD4: PC8.
const bool board_has_led = true;

void board_led(bool on)
{
    GPIOC_BSRR = on ? 1u << 8 : 1u << 24;
}

static bool comes_true(volatile uint32_t *where, uint32_t bit)
{
    for (unsigned looks = LOOKS; looks > 0; looks--) {
        if (*where & bit) {
            return true;
        }
    }
    return false;
}

// Has the core run from the PLL, from the crystal, or else from the RC oscillator. Returns the
// frequency it runs at: that of the RC oscillator if nothing else would start, as under QEMU.
static uint32_t start_pll(void)
{
    RCC_CR |= CR_HSE_ON;
    RCC_CFGR = comes_true(&RCC_CR, CR_HSE_READY) ? CFGR_HSE_TIMES_3 : CFGR_HSI_BY_2_TIMES_6;
    RCC_CR |= CR_PLL_ON;
    if (comes_true(&RCC_CR, CR_PLL_READY)) {
        RCC_CFGR |= CFGR_PLL;
        comes_true(&RCC_CFGR, CFGR_IS_PLL);
    }
    return RCC_CFGR & CFGR_IS_PLL ? PLL_HZ : HSI_HZ;
}

void board_init(void)
{
    uart0.clock_hz = start_pll();
    RCC_APB2ENR |= APB2_ON;
    GPIOA_BSRR = 1u << 10;
    GPIOA_CRH = 0x444448A4; // PA9: alternate function, PA10: pulled up
    GPIOC_CRH = 0x44444442; // PC8: output
    clock_systick_init();
    uart_start(&uart0);
    panic_putc = put;
}

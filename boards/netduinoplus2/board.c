// SPDX-License-Identifier: MIT
//
// Netduino Plus 2: STM32F405RG, Cortex-M4F at 168 MHz (RM0090). The console is USART1 on the
// header's pins SC (PB6, sends) and SD (PB7, receives).
#include "boards/board.h"

#include "drivers/clock/systick.h"
#include "drivers/irq/irq.h"
#include "drivers/uart/stm32.h"
#include "kernel/panic.h"

#define RCC_CR      (*(volatile uint32_t *)0x40023800)
#define RCC_PLLCFGR (*(volatile uint32_t *)0x40023804)
#define RCC_CFGR    (*(volatile uint32_t *)0x40023808)
#define RCC_AHB1ENR (*(volatile uint32_t *)0x40023830)
#define RCC_APB2ENR (*(volatile uint32_t *)0x40023844)
#define FLASH_ACR   (*(volatile uint32_t *)0x40023C00)
#define GPIOA_MODER (*(volatile uint32_t *)0x40020000)
#define GPIOA_BSRR  (*(volatile uint32_t *)0x40020018)
#define GPIOB_MODER (*(volatile uint32_t *)0x40020400)
#define GPIOB_PUPDR (*(volatile uint32_t *)0x4002040C)
#define GPIOB_AFRL  (*(volatile uint32_t *)0x40020420)

enum {
    USART1 = 37,
    HSI_HZ = 16000000,
    APB2_HZ = 84000000, // with the core at 168 MHz
    CR_HSE_ON = 1 << 16,
    CR_HSE_READY = 1 << 17,
    CR_PLL_ON = 1 << 24,
    CR_PLL_READY = 1 << 25,
    PLL_OUT = 336 << 6 | 7 << 24,   // 1 MHz * 336 / 2 = 168 MHz; / 7 = 48 MHz for USB
    PLL_FROM_HSE = 1 << 22 | 25,    // 25 MHz / 25
    PLL_FROM_HSI = 16,              // 16 MHz / 16
    CFGR_BUSES = 5 << 10 | 4 << 13, // APB1 a quarter of the core's clock, APB2 half of it
    CFGR_PLL = 2,
    CFGR_IS_PLL = 2 << 2,
    FLASH_168MHZ = 7 << 8 | 5, // caches and prefetch on, 5 wait states
    AHB1_PORTS_A_B = 3,
    APB2_USART1 = 1 << 4,
    LOOKS = 20000, // 5 ms at least; the crystal takes 2
};

const char board_name[] = "netduinoplus2";

static uint8_t rx0[256], tx0[256];
static struct uart uart0 =
    UART_INIT(uart0, "uart0", &uart_stm32, 0x40011000, USART1, 115200, rx0, tx0);
struct uart *const board_uarts[] = { &uart0, NULL };

static void uart0_handler(void)
{
    uart_stm32_interrupt(&uart0);
}

IRQ_TABLE = { [USART1] = uart0_handler };

static void put(char c)
{
    uart_put_polled(&uart0, (uint8_t)c);
}

// The blue one: PA10.
const bool board_has_led = true;

void board_led(bool on)
{
    GPIOA_BSRR = on ? 1u << 10 : 1u << 26;
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
// frequency of APB2: that of the RC oscillator if nothing else would start. Under QEMU nothing
// does, and SysTick counts 168 MHz all the same.
static uint32_t start_pll(void)
{
    RCC_CR |= CR_HSE_ON;
    RCC_PLLCFGR = PLL_OUT | (comes_true(&RCC_CR, CR_HSE_READY) ? PLL_FROM_HSE : PLL_FROM_HSI);
    RCC_CR |= CR_PLL_ON;
    if (comes_true(&RCC_CR, CR_PLL_READY)) {
        FLASH_ACR = FLASH_168MHZ;
        RCC_CFGR = CFGR_BUSES;
        RCC_CFGR = CFGR_BUSES | CFGR_PLL;
        comes_true(&RCC_CFGR, CFGR_IS_PLL);
    }
    return RCC_CFGR & CFGR_IS_PLL ? APB2_HZ : HSI_HZ;
}

static void start_pins(void)
{
    RCC_AHB1ENR |= AHB1_PORTS_A_B;
    RCC_APB2ENR |= APB2_USART1;
    (void)RCC_APB2ENR;                                    // a clock takes two cycles to come on
    GPIOA_MODER = (GPIOA_MODER & ~(3u << 20)) | 1u << 20; // PA10: output
    GPIOB_AFRL = (GPIOB_AFRL & 0x00FFFFFF) | 0x77000000;  // PB6, PB7: USART1
    GPIOB_PUPDR = (GPIOB_PUPDR & ~(3u << 14)) | 1u << 14; // PB7: pulled up
    GPIOB_MODER = (GPIOB_MODER & ~(15u << 12)) | 10u << 12;
}

void board_init(void)
{
    uart0.clock_hz = start_pll();
    start_pins();
    clock_systick_init();
    uart_start(&uart0);
    panic_putc = put;
}

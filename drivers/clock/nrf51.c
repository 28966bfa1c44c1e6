// SPDX-License-Identifier: MIT
#include "drivers/clock/nrf51.h"

#include <errno.h>
#include <stdint.h>

#include "drivers/irq/irq.h"
#include "kernel/time.h"

#define CLOCK_HFCLKSTART   (*(volatile uint32_t *)0x40000000)
#define CLOCK_HFCLKSTARTED (*(volatile uint32_t *)0x40000100)

#define TIMER_START     (*(volatile uint32_t *)0x40008000)
#define TIMER_STOP      (*(volatile uint32_t *)0x40008004)
#define TIMER_CLEAR     (*(volatile uint32_t *)0x4000800C)
#define TIMER_CAPTURE1  (*(volatile uint32_t *)0x40008044)
#define TIMER_COMPARE0  (*(volatile uint32_t *)0x40008140) // event
#define TIMER_INTENSET  (*(volatile uint32_t *)0x40008304)
#define TIMER_MODE      (*(volatile uint32_t *)0x40008504)
#define TIMER_BITMODE   (*(volatile uint32_t *)0x40008508)
#define TIMER_PRESCALER (*(volatile uint32_t *)0x40008510) // 16 MHz / 2^n
#define TIMER_CC0       (*(volatile uint32_t *)0x40008540)
#define TIMER_CC1       (*(volatile uint32_t *)0x40008544)

enum {
    MODE_TIMER = 0,
    BITMODE_32 = 3,
    INTEN_COMPARE0 = 1 << 16,
    PRESCALER_1MHZ = 4,
    CRYSTAL_LOOKS = 100000, // 30 ms at least; it takes 1
};

// An interrupt in between takes a later time, for both.
uint32_t clock_read(void)
{
    TIMER_CAPTURE1 = 1;
    return TIMER_CC1;
}

// The comparison is for equality: if the time has passed while it was set, the handler is called.
void clock_alarm(uint32_t when)
{
    TIMER_COMPARE0 = 0;
    TIMER_CC0 = when;
    if ((int32_t)(when - clock_read()) <= 1) {
        irq_trigger(CLOCK_NRF51_LINE);
    }
}

void clock_nrf51_interrupt(void)
{
    TIMER_COMPARE0 = 0;
    time_alarm();
}

int clock_nrf51_init(void)
{
    uint32_t looks = CRYSTAL_LOOKS;

    CLOCK_HFCLKSTARTED = 0;
    CLOCK_HFCLKSTART = 1;
    while (CLOCK_HFCLKSTARTED == 0 && looks > 0) {
        looks--;
    }
    TIMER_STOP = 1;
    TIMER_MODE = MODE_TIMER;
    TIMER_BITMODE = BITMODE_32;
    TIMER_PRESCALER = PRESCALER_1MHZ;
    TIMER_CLEAR = 1;
    TIMER_COMPARE0 = 0;
    TIMER_INTENSET = INTEN_COMPARE0;
    TIMER_START = 1;
    irq_enable(CLOCK_NRF51_LINE, IRQ_NORMAL);
    return looks > 0 ? 0 : -ETIMEDOUT;
}

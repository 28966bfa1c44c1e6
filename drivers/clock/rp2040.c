// SPDX-License-Identifier: MIT
#include "drivers/clock/rp2040.h"

#include <stdint.h>

#include "drivers/irq/irq.h"
#include "kernel/time.h"

// Data sheet 4.6.5.
struct registers {
    volatile uint32_t write_high;
    volatile uint32_t write_low;
    volatile uint32_t read_high; // latched by reading read_low
    volatile uint32_t read_low;
    volatile uint32_t
        alarm[4];            // writing arms it: interrupts when the low half of the time is equal
    volatile uint32_t armed; // writing 1 disarms
    volatile uint32_t raw_high; // not latched
    volatile uint32_t raw_low;
    volatile uint32_t debug_pause;
    volatile uint32_t pause;
    volatile uint32_t intr;  // writing 1 clears
    volatile uint32_t inte;  // 1: enabled
    volatile uint32_t force; // 1: pending, whatever the time
    volatile uint32_t ints;
};

enum { ALARM0 = 1 << 0 };

static struct registers *const timer = (struct registers *)0x40054000;

uint32_t clock_read(void)
{
    return timer->raw_low;
}

// The comparison is for equality: a time that has passed, be it while we are here, would come again
// after a whole wrap. So look at the time once more, and force the interrupt.
void clock_alarm(uint32_t when)
{
    timer->alarm[0] = when;
    if (timer->raw_low - when < UINT32_C(1) << 31) {
        timer->force = ALARM0;
    }
}

void clock_rp2040_interrupt(void)
{
    timer->force = 0;
    timer->intr = ALARM0;
    time_alarm();
}

void clock_rp2040_init(void)
{
    timer->intr = ALARM0;
    timer->inte = ALARM0;
    irq_enable(CLOCK_RP2040_LINE, IRQ_NORMAL);
}

// SPDX-License-Identifier: MIT
#include "drivers/clock/sse.h"

#include "drivers/irq/irq.h"
#include "kernel/time.h"

// The timer's frame.
struct registers {
    volatile uint32_t count_low; // the system counter, read only
    volatile uint32_t count_high;
    uint32_t reserved0[2];
    volatile uint32_t frequency;
    uint32_t reserved1[3];
    volatile uint32_t compare_low; // interrupts while count >= compare
    volatile uint32_t compare_high;
    volatile uint32_t value; // compare - count, in 32 bits
    volatile uint32_t ctl;
};

enum { CNTCR = 0, CNTCR_EN = 1, CTL_ENABLE = 1 };

static struct registers *timer(void)
{
    return (struct registers *)clock_sse.timer;
}

uint32_t clock_read(void)
{
    return timer()->count_low;
}

// All 64 bits, whichever half moved in between.
static uint64_t count(void)
{
    uint32_t high, low;

    do {
        high = timer()->count_high;
        low = timer()->count_low;
    } while (high != timer()->count_high);
    return (uint64_t)high << 32 | low;
}

// The comparison is >=, so a time that has passed already interrupts at once. Off in between, so
// that no half-written value does. Up to 3 ticks late, 0.1 us: at 32 MHz every fourth tick is a
// whole number of nanoseconds, and with another one QEMU 7.2 hangs under -icount (its timer goes
// off a fraction of a nanosecond early, sees that it is early, and again).
void clock_alarm(uint32_t when)
{
    struct registers *r = timer();
    uint64_t now = count();
    uint32_t ahead = when - (uint32_t)now;
    uint64_t at = (now + (ahead <= UINT32_C(1) << 31 ? ahead : 0) + 3) & ~UINT64_C(3);

    r->ctl = 0;
    r->compare_low = (uint32_t)at;
    r->compare_high = (uint32_t)(at >> 32);
    r->ctl = CTL_ENABLE;
}

void clock_sse_interrupt(void)
{
    timer()->ctl = 0;
    time_alarm();
}

// The counter may run already: a reset of the processor does not stop it.
void clock_sse_init(void)
{
    volatile uint32_t *control = (volatile uint32_t *)(clock_sse.counter + CNTCR);

    timer()->ctl = 0;
    *control |= CNTCR_EN;
    irq_enable(clock_sse.line, IRQ_NORMAL);
}

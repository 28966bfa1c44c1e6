// SPDX-License-Identifier: MIT
#include "drivers/clock/cmsdk.h"

#include "drivers/irq/irq.h"
#include "kernel/time.h"

struct registers {
    volatile uint32_t ctrl;   // bit 0: run, bit 3: interrupt
    volatile uint32_t value;  // counts down
    volatile uint32_t reload; //
    volatile uint32_t intr;   // status; writing 1 clears
};

enum { RUN = 1, INTERRUPT = 8 };

static struct registers *at(uintptr_t base)
{
    return (struct registers *)base;
}

uint32_t clock_read(void)
{
    return ~at(clock_cmsdk.counter)->value;
}

void clock_alarm(uint32_t when)
{
    struct registers *r = at(clock_cmsdk.alarm);
    uint32_t ahead = when - clock_read();

    r->ctrl = 0;
    ahead = (int32_t)ahead > 0 ? ahead : 1; // passed already: at the next tick
    r->reload = 0;                          // one shot
    r->value = ahead;
    r->intr = 1;
    r->ctrl = RUN | INTERRUPT;
}

void clock_cmsdk_interrupt(void)
{
    struct registers *r = at(clock_cmsdk.alarm);

    r->ctrl = 0;
    r->intr = 1;
    time_alarm();
}

void clock_cmsdk_init(void)
{
    struct registers *r = at(clock_cmsdk.counter);

    r->ctrl = 0;
    r->reload = UINT32_MAX;
    r->value = UINT32_MAX;
    r->ctrl = RUN;
    irq_enable(clock_cmsdk.line, IRQ_NORMAL);
}

// SPDX-License-Identifier: MIT
//
// From an interrupt to the tasklet that waits for it, in an idle system.
#include "kernel/signal.h"
#include "tests/bench/bench.h"

static struct signal sig = SIGNAL_INIT(sig, "sig");

void software_interrupt(void)
{
    begun = stamp();
    signal_raise(&sig);
}

// In poll context: the interrupt is pending when the scheduler goes to sleep, so the sleep ends at
// once and the handler runs as if it had just come.
static void trigger(struct timer *t)
{
    (void)t;
    arch_irq_save();
    arch_trigger();
}

void bench_interrupts(void)
{
    static struct timer kick = TIMER_INIT(trigger);

    signal_register(&sig);
    while (!enough()) {
        timer_arm(&kick, after_us(500));
        signal_wait(&sig, FOREVER);
        lap();
    }
    report("interrupt_to_tasklet");
}

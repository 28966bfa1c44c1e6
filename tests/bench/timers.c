// SPDX-License-Identifier: MIT
//
// A timer armed and cancelled among others that are armed for other times: for later than some, and for
// sooner than all, when the clock's alarm has to be set.
#include "tests/bench/bench.h"

// In ms: none fires meanwhile, and the clock's alarm reaches so far.
enum { SOON = 5000, LATER = 10000 };

static void never(struct timer *t)
{
    (void)t;
}

static struct timer others[CROWD], timer = TIMER_INIT(never);

static void arm_others(unsigned count, deadline_t first)
{
    for (unsigned i = 0; i < count; i++) {
        others[i].fire = never;
        timer_arm(&others[i], (deadline_t){ first.ticks + i * 7919 });
    }
}

static void cancel_others(unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        timer_cancel(&others[i]);
    }
}

static void arm_and_cancel(deadline_t d)
{
    uint32_t from = stamp();

    timer_arm(&timer, d);
    timer_cancel(&timer);
    sample(from, stamp());
}

static void among(unsigned armed, const char *name)
{
    deadline_t base = after_ms(LATER);

    arm_others(armed - 1, base);
    for (unsigned n = 0; !enough(); n++) {
        arm_and_cancel((deadline_t){ base.ticks + n * 104729 });
    }
    cancel_others(armed - 1);
    report(name);
}

static void before(unsigned armed, const char *name)
{
    deadline_t base = after_ms(SOON);

    arm_others(armed - 1, after_ms(LATER));
    for (unsigned n = 1; !enough(); n++) {
        arm_and_cancel((deadline_t){ base.ticks - n * 1009 });
    }
    cancel_others(armed - 1);
    report(name);
}

void bench_timers(void)
{
    among(1, "timer_1");
    among(10, "timer_10");
    among(100, "timer_100");
    among(CROWD, "timer_1000");
    before(CROWD, "timer_earliest");
}

// SPDX-License-Identifier: MIT
//
// A timer armed and cancelled among others that are armed for other times.
#include "tests/bench/bench.h"

static void never(struct timer *t)
{
    (void)t;
}

static struct timer others[CROWD], timer = TIMER_INIT(never);

static void among(unsigned armed, const char *name)
{
    deadline_t base = after_ms(100000);
    unsigned n = 0;

    for (unsigned i = 0; i + 1 < armed; i++) {
        others[i].fire = never;
        timer_arm(&others[i], (deadline_t){ base.ticks + i * 7919 });
    }
    while (!enough()) {
        deadline_t d = { base.ticks + n++ * 104729 };
        uint32_t from = stamp();

        timer_arm(&timer, d);
        timer_cancel(&timer);
        sample(from, stamp());
    }
    for (unsigned i = 0; i + 1 < armed; i++) {
        timer_cancel(&others[i]);
    }
    report(name);
}

void bench_timers(void)
{
    among(1, "timer_1");
    among(10, "timer_10");
    among(100, "timer_100");
    among(CROWD, "timer_1000");
}

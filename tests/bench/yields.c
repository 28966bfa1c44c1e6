// SPDX-License-Identifier: MIT
//
// Giving way: with 2 to 1,000 that are ready, and as the Thread-Metric suite counts it.
#include "tests/bench/bench.h"

enum { THREADS = 5, ROUNDS = 1000 };

// One yield: from the stamp before it in one tasklet to the stamp after its own in the next. All
// stamp, so a round of n yields is n samples.
static void stamper(void *unused)
{
    (void)unused;
    while (!crowd_ends) {
        begun = stamp();
        tasklet_yield();
        lap();
    }
}

static void yields(unsigned n, const char *name)
{
    start_crowd(n - 1, stamper, NULL);
    while (!enough()) {
        begun = stamp();
        tasklet_yield();
        lap();
    }
    end_crowd(n - 1);
    report(name);
}

// Thread-Metric's cooperative scheduling test: five threads of one priority, each of which gives way and
// counts, over and over. Its figure is the time for one such step, loop and counter included.
static volatile uint32_t counters[THREADS];

static void count(void *counter)
{
    volatile uint32_t *mine = counter;

    while (!crowd_ends) {
        tasklet_yield();
        (*mine)++;
    }
}

static void thread_metric(void)
{
    struct tasklet *t[THREADS];

    crowd_ends = false;
    for (unsigned i = 0; i < THREADS; i++) {
        void *counter = (void *)(uintptr_t)&counters[i];

        t[i] = tasklet_spawn("thread", count, counter, crowd_memory[i], sizeof crowd_memory[i]);
    }
    tasklet_set_priority(tasklet_self(),
                         PRIORITY_LOW); // they run, and this one looks on at the end
    counters[0] = 0;
    for (unsigned i = 0; i < THREADS; i++) {
        tasklet_set_priority(t[i], PRIORITY_LOW);
    }
    tasklet_yield();
    uint32_t from = stamp(), first = counters[0];

    for (unsigned i = 0; i < ROUNDS; i++) {
        tasklet_yield();
    }
    uint32_t all = instructions(from, stamp()), steps = (counters[0] - first) * (THREADS + 1);

    // This tasklet takes part with a loop of the same length.
    report_count("cooperative_5", (all + steps / 2) / steps);
    tasklet_set_priority(tasklet_self(), PRIORITY_NORMAL);
    crowd_ends = true;
    for (unsigned i = 0; i < THREADS; i++) {
        tasklet_join(t[i], FOREVER);
    }
}

void bench_yields(void)
{
    yields(2, "yield_2");
    yields(10, "yield_10");
    yields(100, "yield_100");
    yields(CROWD, "yield_1000");
    thread_metric();
}

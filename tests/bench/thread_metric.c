// SPDX-License-Identifier: MIT
//
// The cooperative scheduling test of the Thread-Metric suite: five threads of one priority, each of which
// gives way and counts, for ever. Its figure is the number of such steps in a time; here it is the
// instructions of one step, with its loop and its counter. The five run below the rest, which sleeps
// meanwhile: its way to sleep and back is shared by so many steps that it rounds to nothing.
#include "tests/bench/bench.h"

enum { THREADS = 5, LENGTH = 400000 };

static volatile uint32_t counters[THREADS];

static _Noreturn void step_for_ever(void *counter)
{
    volatile uint32_t *mine = counter;

    for (;;) {
        tasklet_yield();
        (*mine)++;
    }
}

static uint32_t steps(void)
{
    uint32_t sum = 0;

    for (unsigned i = 0; i < THREADS; i++) {
        sum += counters[i];
    }
    return sum;
}

// The last part, for its threads do not end.
void bench_thread_metric(void)
{
    for (unsigned i = 0; i < THREADS; i++) {
        void *counter = (void *)(uintptr_t)&counters[i];

        tasklet_set_priority(tasklet_spawn("thread", step_for_ever, counter, crowd_memory[i],
                                           sizeof crowd_memory[i]),
                             PRIORITY_LOW);
    }
    uint32_t from = stamp();

    sleep_until(after_instructions(LENGTH));
    uint32_t all = instructions(from, stamp()), count = steps();

    report_count("cooperative_5", (all + count / 2) / count);
}

// SPDX-License-Identifier: MIT
//
// Who had the processor, and how long, to the tick: in virtual time what passes is known.
#include "kernel/semaphore.h"
#include "kernel/tasklet.h"
#include "tests/kernel/suite.h"

enum { SPAN = 100000, SLACK = 20000 }; // ticks; what switches and a look at the clock may cost

static bool about(uint64_t ticks, uint64_t expected)
{
    return ticks >= expected && ticks <= expected + SLACK;
}

static void work(void *spans)
{
    for (int i = 0; i < NUMBER(spans); i++) {
        spin_until(after_ticks(SPAN));
        tasklet_yield();
    }
    CHECK(about(tasklet_run_time(tasklet_self()), (uint64_t)NUMBER(spans) * SPAN));
    CHECK(about(tasklet_longest_slice(tasklet_self()), NUMBER(spans) > 0 ? SPAN : 0));
}

static void each_has_its_own(void)
{
    worker("A", work, ARG(1));
    worker("B", work, ARG(5));
    worker("C", work, ARG(0));
    workers_join();
}

static void sleep_costs_nothing(void *unused)
{
    (void)unused;
    for (int i = 0; i < 3; i++) {
        sleep_ms(1);
    }
    CHECK(about(tasklet_run_time(tasklet_self()), 0));
    CHECK(about(tasklet_longest_slice(tasklet_self()), 0));
}

static void nobody_pays_for_idle_time(void)
{
    worker("A", sleep_costs_nothing, NULL);
    workers_join();
}

static void the_longest_counts(void *unused)
{
    (void)unused;
    for (int i = 3; i > 0; i--) {
        spin_until(after_ticks((uint64_t)i * SPAN));
        tasklet_yield();
    }
    CHECK(about(tasklet_run_time(tasklet_self()), 6 * SPAN));
    CHECK(about(tasklet_longest_slice(tasklet_self()), 3 * SPAN));
}

static void longest_slice(void)
{
    worker("A", the_longest_counts, NULL);
    workers_join();
}

static struct semaphore gate = SEMAPHORE_INIT(gate, "gate", 0);

static void work_and_wait(void *unused)
{
    (void)unused;
    spin_until(after_ticks(SPAN));
    CHECK_IS(semaphore_take(&gate, FOREVER), 0);
    CHECK(about(tasklet_run_time(tasklet_self()), SPAN));
}

static void give(void *unused)
{
    (void)unused;
    semaphore_give(&gate);
}

// Whoever comes next does not pay for the one that waits.
static void before_a_wait(void)
{
    worker("A", work_and_wait, NULL);
    worker("B", give, NULL);
    workers_join();
}

// The sum is kept in two words; it would take seconds to fill the first.
static void run_for_long(void *unused)
{
    struct tasklet *self = tasklet_self();

    (void)unused;
    self->account.run_low = UINT32_MAX - SPAN / 2;
    spin_until(after_ticks(SPAN));
    tasklet_yield();
    CHECK_IS(self->account.run_high, 1);
    CHECK(about(tasklet_run_time(self), (UINT64_C(1) << 32) + SPAN / 2));
    spin_until(after_ticks(SPAN));
    tasklet_yield();
    CHECK_IS(self->account.run_high, 1);
    self->account.run_high = 5;
    self->account.run_low = 7;
    CHECK(tasklet_run_time(self) == (UINT64_C(5) << 32) + 7);
}

static void more_than_a_word(void)
{
    worker("A", run_for_long, NULL);
    workers_join();
}

// Each look at the clock takes a tick.
static void microseconds_for_people(void)
{
    sleep_until((deadline_t){ UINT64_C(5999000500) });
    for (int i = 0; i < 1000; i++) {
        uint64_t now = time_now();

        CHECK(time_us() == (now + 1) / 1000);
    }
}

int main(void)
{
    static const struct suite_case cases[] = {
        CASE(each_has_its_own), CASE(nobody_pays_for_idle_time), CASE(longest_slice),
        CASE(before_a_wait),    CASE(more_than_a_word),          CASE(microseconds_for_people),
    };

    SUITE_RUN("account", cases);
}

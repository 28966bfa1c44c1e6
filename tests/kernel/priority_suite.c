// SPDX-License-Identifier: MIT
//
// Priorities: strict levels, first come first served within one, moved at any time.
#include <errno.h>

#include "kernel/semaphore.h"
#include "tests/kernel/suite.h"

static struct semaphore gate = SEMAPHORE_INIT(gate, "gate", 0);

static void three_steps(void *unused)
{
    (void)unused;
    for (int i = 1; i <= 3; i++) {
        step(i);
        tasklet_yield();
    }
}

static void behind_gate(void *unused)
{
    (void)unused;
    semaphore_take(&gate, FOREVER);
    step(1);
}

static struct tasklet *at_level(unsigned level, const char *name, void (*fn)(void *))
{
    struct tasklet *t = worker(name, fn, NULL);

    CHECK_IS(tasklet_set_priority(t, level), 0);
    return t;
}

static void levels_are_strict(void)
{
    at_level(PRIORITY_LOW, "L", three_steps);
    at_level(PRIORITY_HIGH, "H", three_steps);
    worker("N", three_steps, NULL);
    tasklet_yield();
    note("main");
    workers_join();
    CHECK_TRACE("H1 H2 H3 N1 main N2 N3 L1 L2 L3");
}

static void fifo_within_a_level(void)
{
    at_level(PRIORITY_HIGH, "A", three_steps);
    at_level(PRIORITY_HIGH, "B", three_steps);
    at_level(PRIORITY_LOW, "C", three_steps);
    at_level(PRIORITY_LOW, "D", three_steps);
    workers_join();
    CHECK_TRACE("A1 B1 A2 B2 A3 B3 C1 D1 C2 D2 C3 D3");
}

static void woken_by_level(void)
{
    struct tasklet *low = at_level(PRIORITY_LOW, "L", behind_gate);

    worker("N", behind_gate, NULL);
    at_level(PRIORITY_HIGH, "H", behind_gate);
    while (tasklet_state(low) != TASKLET_WAITING) {
        sleep_ms(1);
    }
    for (int i = 0; i < 3; i++) {
        semaphore_give(&gate);
    }
    workers_join();
    CHECK_TRACE("H1 N1 L1");
}

// A higher one that becomes ready runs at the next call that can switch, not before.
static void not_preempted(void)
{
    at_level(PRIORITY_HIGH, "H", behind_gate);
    tasklet_yield();
    semaphore_give(&gate);
    note("main");
    tasklet_yield();
    CHECK_TRACE("main H1");
}

static void move_a_ready_one(void)
{
    struct tasklet *b, *c;

    worker("A", three_steps, NULL);
    b = worker("B", three_steps, NULL);
    c = worker("C", three_steps, NULL);
    CHECK_IS(tasklet_set_priority(b, PRIORITY_LOW), 0);
    CHECK_IS(tasklet_set_priority(c, PRIORITY_HIGH), 0);
    CHECK_IS(tasklet_set_priority(b, PRIORITY_LOW), 0);
    workers_join();
    CHECK_TRACE("C1 C2 C3 A1 A2 A3 B1 B2 B3");
}

// Away and back: it stands at the end of its level.
static void move_away_and_back(void)
{
    struct tasklet *a = worker("A", three_steps, NULL);

    worker("B", three_steps, NULL);
    tasklet_set_priority(a, PRIORITY_LOW);
    tasklet_set_priority(a, PRIORITY_NORMAL);
    workers_join();
    CHECK_TRACE("B1 A1 B2 A2 B3 A3");
}

static void empty_a_level(void)
{
    struct tasklet *a = at_level(PRIORITY_LOW, "A", three_steps);
    struct tasklet *b = at_level(PRIORITY_LOW, "B", three_steps);

    tasklet_set_priority(a, PRIORITY_HIGH);
    tasklet_set_priority(b, PRIORITY_HIGH);
    tasklet_set_priority(a, PRIORITY_LOW);
    workers_join();
    CHECK_TRACE("B1 B2 B3 A1 A2 A3");
}

static void move_a_waiting_one(void)
{
    struct tasklet *a = worker("A", behind_gate, NULL), *b = worker("B", behind_gate, NULL);

    worker("C", three_steps, NULL);
    tasklet_yield();
    tasklet_set_priority(a, PRIORITY_LOW);
    tasklet_set_priority(b, PRIORITY_HIGH);
    semaphore_give(&gate);
    semaphore_give(&gate);
    workers_join();
    CHECK_TRACE("C1 B1 C2 C3 A1");
}

static void move_oneself_down(void)
{
    worker("A", three_steps, NULL);
    CHECK_IS(tasklet_set_priority(tasklet_self(), PRIORITY_LOW), 0);
    note("main");
    tasklet_yield();
    note("main");
    CHECK_IS(tasklet_set_priority(tasklet_self(), PRIORITY_NORMAL), 0);
    CHECK_TRACE("main A1 A2 A3 main");
}

static void move_oneself_up(void)
{
    struct tasklet *a = worker("A", three_steps, NULL);

    CHECK_IS(tasklet_set_priority(tasklet_self(), PRIORITY_HIGH), 0);
    for (int i = 0; i < 5; i++) {
        tasklet_yield();
    }
    note("main");
    worker_join(a);
    note("main");
    CHECK_IS(tasklet_set_priority(tasklet_self(), PRIORITY_NORMAL), 0);
    CHECK_TRACE("main A1 A2 A3 main");
}

// Between others of the new level, and with those of the old one left behind.
static void move_oneself_among_others(void)
{
    at_level(PRIORITY_LOW, "L", three_steps);
    at_level(PRIORITY_LOW, "M", three_steps);
    worker("A", three_steps, NULL);
    tasklet_set_priority(tasklet_self(), PRIORITY_LOW);
    for (int i = 0; i < 3; i++) {
        tasklet_yield();
        note("main");
    }
    tasklet_set_priority(tasklet_self(), PRIORITY_NORMAL);
    workers_join();
    CHECK_TRACE("A1 A2 A3 L1 M1 main L2 M2 main L3 M3 main");
}

static void refused(void)
{
    struct tasklet *t = worker("A", three_steps, NULL);

    CHECK_IS(tasklet_set_priority(t, SCHED_LEVELS), -EINVAL);
    CHECK_IS(tasklet_set_priority(t, UINT32_MAX), -EINVAL);
    while (tasklet_state(t) != TASKLET_EXITED) {
        tasklet_yield();
    }
    CHECK_IS(tasklet_set_priority(t, PRIORITY_LOW), -ESRCH);
    CHECK_TRACE("A1 A2 A3");
}

static struct tasklet *moved;

static void raise_it(struct timer *unused)
{
    (void)unused;
    CHECK_IS(tasklet_set_priority(moved, PRIORITY_HIGH), 0);
}

// Ready all the time, but below the one that spins.
static void from_poll_context(void)
{
    static struct timer timer = TIMER_INIT(raise_it);

    moved = at_level(PRIORITY_LOW, "L", three_steps);
    timer_arm(&timer, after_us(200));
    while (timer_armed(&timer)) {
        tasklet_yield();
    }
    note("main");
    CHECK_TRACE("L1 L2 L3 main");
}

static void one_step(void *unused)
{
    (void)unused;
    step(1);
}

// The same level once more is no change: nobody loses his place.
static void the_same_level(void)
{
    struct tasklet *a = worker("A", one_step, NULL);

    worker("B", one_step, NULL);
    CHECK_IS(tasklet_set_priority(a, PRIORITY_NORMAL), 0);
    workers_join();
    CHECK_TRACE("A1 B1");
}

static struct waitq door = WAITQ_INIT(door, "door");

static void wait_at_door(void *unused)
{
    (void)unused;
    CHECK_IS(wait_on(&door, "door", FOREVER), 0);
    step(1);
}

// Who waits goes on waiting, in its place.
static void level_of_one_that_waits(void)
{
    struct tasklet *a = worker("A", wait_at_door, NULL);

    worker("B", wait_at_door, NULL);
    tasklet_yield();
    CHECK_IS(tasklet_set_priority(a, PRIORITY_HIGH), 0);
    CHECK_IS(tasklet_set_priority(a, PRIORITY_LOW), 0);
    tasklet_yield();
    CHECK_TRACE("");
    CHECK(waiter_tasklet(waitq_first(&door)) == a);
    CHECK_IS(waitq_wake_all(&door), 2);
    workers_join();
    CHECK_TRACE("B1 A1");
}

int main(void)
{
    static const struct suite_case cases[] = {
        CASE(levels_are_strict),
        CASE(fifo_within_a_level),
        CASE(woken_by_level),
        CASE(not_preempted),
        CASE(move_a_ready_one),
        CASE(move_away_and_back),
        CASE(empty_a_level),
        CASE(move_a_waiting_one),
        CASE(move_oneself_down),
        CASE(move_oneself_up),
        CASE(move_oneself_among_others),
        CASE(refused),
        CASE(from_poll_context),
        CASE(the_same_level),
        CASE(level_of_one_that_waits),
    };

    SUITE_RUN("priority", cases);
}

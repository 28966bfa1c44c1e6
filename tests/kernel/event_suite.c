// SPDX-License-Identifier: MIT
//
// One-shots, signals and pollers: what comes from callbacks and interrupts.
#include <errno.h>

#include "kernel/oneshot.h"
#include "kernel/signal.h"
#include "tests/kernel/suite.h"

// ---- One-shots ----

static struct oneshot shot;

static void wait_for_shot(void *deadline)
{
    intptr_t value = -1;
    int result = oneshot_wait(&shot, &value, deadline != NULL ? *(deadline_t *)deadline : FOREVER);

    CHECK(result == 0 || value == -1);
    step(result == 0 ? (int)value : 0);
}

static void fired_while_waiting(void)
{
    oneshot_init(&shot, "shot");
    worker("A", wait_for_shot, NULL);
    tasklet_yield();
    CHECK_IS(oneshot_fire(&shot, 17), 0);
    CHECK_IS(oneshot_fire(&shot, 18), -EALREADY);
    note("main");
    workers_join();
    CHECK_TRACE("main A17");
}

static void fired_before(void)
{
    intptr_t value = 0;

    oneshot_init(&shot, "shot");
    CHECK_IS(oneshot_wait(&shot, &value, NOWAIT), -EAGAIN);
    CHECK_IS(oneshot_fire(&shot, INTPTR_MIN), 0);
    CHECK_IS(oneshot_fire(&shot, 1), -EALREADY);
    for (int i = 0; i < 2; i++) {
        value = 0;
        CHECK_IS(oneshot_wait(&shot, &value, NOWAIT), 0);
        CHECK(value == INTPTR_MIN);
    }
}

static void second_waiter(void)
{
    intptr_t value = 5;

    oneshot_init(&shot, "shot");
    worker("A", wait_for_shot, NULL);
    tasklet_yield();
    CHECK_IS(oneshot_wait(&shot, &value, FOREVER), -EBUSY);
    CHECK_IS(value, 5);
    oneshot_fire(&shot, 1);
    workers_join();
    CHECK_TRACE("A1");
}

static void late_shot(void)
{
    intptr_t value = 5;
    deadline_t d = after_us(200);

    oneshot_init(&shot, "shot");
    CHECK_IS(oneshot_wait(&shot, &value, d), -ETIMEDOUT);
    CHECK(suite_on_time(d));
    tasklet_cancel(tasklet_self());
    CHECK_IS(oneshot_wait(&shot, &value, FOREVER), -ECANCELED);
    CHECK_IS(value, 5);
    CHECK_IS(oneshot_fire(&shot, 6), 0);
    CHECK_IS(oneshot_wait(&shot, &value, FOREVER), 0);
    CHECK_IS(value, 6);
}

static void fire_at(struct timer *unused)
{
    (void)unused;
    CHECK_IS(oneshot_fire(&shot, 33), 0);
}

static void fired_in_poll_context(void)
{
    static struct timer timer = TIMER_INIT(fire_at);
    intptr_t value = 0;

    oneshot_init(&shot, "shot");
    timer_arm(&timer, after_us(100));
    CHECK_IS(oneshot_wait(&shot, &value, FOREVER), 0);
    CHECK_IS(value, 33);
}

// ---- Signals ----

static struct signal bell = SIGNAL_INIT(bell, "bell");

static void raise_in_interrupt(void)
{
    CHECK(arch_in_interrupt());
    signal_raise(&bell);
}

static void wait_for_bell(void *unused)
{
    (void)unused;
    CHECK_IS(signal_wait(&bell, FOREVER), 0);
    step(1);
}

static void raised_before_the_wait(void)
{
    CHECK_IS(signal_wait(&bell, NOWAIT), -EAGAIN);
    signal_raise(&bell);
    tasklet_yield(); // its poller has run
    CHECK_IS(signal_wait(&bell, NOWAIT), 0);
    CHECK_IS(signal_wait(&bell, NOWAIT), -EAGAIN);
}

static void several_raises_count_once(void)
{
    for (int i = 0; i < 3; i++) {
        suite_interrupt(raise_in_interrupt);
    }
    CHECK_IS(signal_wait(&bell, FOREVER), 0);
    CHECK_IS(signal_wait(&bell, after_us(100)), -ETIMEDOUT);
}

static void raised_while_waiting(void)
{
    worker("A", wait_for_bell, NULL);
    tasklet_yield();
    suite_interrupt(raise_in_interrupt);
    note("main");
    workers_join();
    CHECK_TRACE("main A1");
    CHECK_IS(signal_wait(&bell, NOWAIT), -EAGAIN);
}

static void one_raise_wakes_one(void)
{
    worker("A", wait_for_bell, NULL);
    worker("B", wait_for_bell, NULL);
    tasklet_yield();
    suite_interrupt(raise_in_interrupt);
    tasklet_yield();
    tasklet_yield();
    note("main");
    suite_interrupt(raise_in_interrupt);
    workers_join();
    CHECK_TRACE("A1 main B1");
}

// Between the poller, which gives the raise to the waiter, and the waiter's run another comes.
static void raised_again_before_it_runs(void)
{
    worker("A", wait_for_bell, NULL);
    tasklet_yield();
    tasklet_set_priority(tasklet_self(), PRIORITY_HIGH);
    signal_raise(&bell);
    tasklet_yield(); // the poller runs, A is ready
    CHECK(!bell.raised);
    signal_raise(&bell);
    tasklet_yield();
    tasklet_set_priority(tasklet_self(), PRIORITY_NORMAL);
    workers_join();
    CHECK_IS(signal_wait(&bell, NOWAIT), 0);
    CHECK_TRACE("A1");
}

// Whom the poller woke is ready, before it has run, and alone at its level.
static void woken_is_ready(void)
{
    struct tasklet *a = worker("A", wait_for_bell, NULL);

    CHECK_IS(tasklet_set_priority(a, PRIORITY_LOW), 0);
    sleep_until(after_us(100));
    CHECK_IS(tasklet_state(a), TASKLET_WAITING);
    signal_raise(&bell);
    tasklet_yield(); // through the poller, and back: this level is the higher one
    CHECK_IS(tasklet_state(a), TASKLET_READY);
    CHECK_TRACE("");
    workers_join();
    CHECK_TRACE("A1");
}

static void signal_deadline(void)
{
    deadline_t d = after_us(300);

    CHECK_IS(signal_wait(&bell, d), -ETIMEDOUT);
    CHECK(suite_on_time(d));
    tasklet_cancel(tasklet_self());
    CHECK_IS(signal_wait(&bell, FOREVER), -ECANCELED);
}

static void raised_while_idle(void)
{
    deadline_t d = after_ms(7);

    if (suite_interrupt_at(d, raise_in_interrupt)) {
        CHECK_IS(signal_wait(&bell, FOREVER), 0);
        CHECK(suite_on_time(d));
    }
}

static void trigger(struct timer *unused)
{
    (void)unused;
    suite_interrupt(raise_in_interrupt);
}

static void raised_over_the_scheduler(void)
{
    static struct timer timer = TIMER_INIT(trigger);

    for (int i = 0; i < 50; i++) {
        timer_arm(&timer, after_us(20));
        CHECK_IS(signal_wait(&bell, after_ms(5000)), 0);
    }
}

// Who always finds it raised gives way all the same.
static void raised_again_and_again(void)
{
    worker("A", wait_for_bell, NULL);
    signal_raise(&bell);
    suite_credit(0);
    CHECK_IS(signal_wait(&bell, NOWAIT), -EAGAIN); // A has it
    workers_join();
    CHECK_TRACE("A1");
}

static void step_once(void *unused)
{
    (void)unused;
    step(1);
}

static void raised_before_a_wait(void)
{
    worker("A", step_once, NULL);
    signal_raise(&bell);
    suite_credit(0);
    CHECK_IS(signal_wait(&bell, FOREVER), 0);
    CHECK_TRACE("A1");
}

static void look_at_shot(void *unused)
{
    intptr_t value;

    (void)unused;
    CHECK_IS(oneshot_wait(&shot, &value, NOWAIT), 0);
    step((int)value);
}

static void fired_again_and_again(void)
{
    intptr_t value;

    oneshot_init(&shot, "shot");
    oneshot_fire(&shot, 1);
    worker("A", look_at_shot, NULL);
    suite_credit(0);
    CHECK_IS(oneshot_wait(&shot, &value, NOWAIT), 0);
    note("main");
    workers_join();
    CHECK_TRACE("A1 main");
}

static void poll_nothing(struct poller *unused)
{
    (void)unused;
}

// Another poller's kick comes behind, so that nothing but its own byte tells of the signal's.
static void raised_with_another(void)
{
    static struct poller other = POLLER_INIT(poll_nothing);

    poller_register(&other);
    worker("A", wait_for_bell, NULL);
    tasklet_yield();
    signal_raise(&bell);
    poller_kick(&other);
    workers_join();
    CHECK_TRACE("A1");
}

static void turn_before_a_look(void)
{
    worker("A", wait_for_bell, NULL);
    suite_credit(0);
    CHECK_IS(signal_wait(&bell, NOWAIT), -EAGAIN);
    CHECK(!waitq_empty(&bell.waiting)); // A had its turn
    signal_raise(&bell);
    workers_join();
    CHECK_TRACE("A1");
}

// A poller ends the wait of one that waits for several things.
static void raised_for_one_of_several(void)
{
    static struct set_waiter waiters[1];
    static struct wait_set set;

    wait_set_begin(&set, waiters, 1);
    waiter_add(&set, 0, &bell.waiting, NULL);
    CHECK(waiter_tasklet(waitq_first(&bell.waiting)) == tasklet_self());
    signal_raise(&bell);
    CHECK_IS(wait_any(&set, "test", FOREVER), 0);
    CHECK_IS(set.fired, 0);
    CHECK(waitq_empty(&bell.waiting));
}

int main(void)
{
    static const struct suite_case cases[] = {
        CASE(fired_while_waiting),
        CASE(fired_before),
        CASE(second_waiter),
        CASE(late_shot),
        CASE(fired_in_poll_context),
        CASE(raised_before_the_wait),
        CASE(several_raises_count_once),
        CASE(raised_while_waiting),
        CASE(one_raise_wakes_one),
        CASE(raised_again_before_it_runs),
        CASE(signal_deadline),
        CASE(raised_while_idle),
        CASE(raised_over_the_scheduler),
        CASE(raised_again_and_again),
        CASE(raised_before_a_wait),
        CASE(fired_again_and_again),
        CASE(raised_with_another),
        CASE(turn_before_a_look),
        CASE(woken_is_ready),
        CASE(raised_for_one_of_several),
    };

    signal_register(&bell);
    SUITE_RUN("event", cases);
}

// SPDX-License-Identifier: MIT
//
// The life of a tasklet: spawn, turns, exit, what it leaves behind. Joining is in join_suite.c.
#include <errno.h>
#include <string.h>

#include "kernel/semaphore.h"
#include "tests/kernel/suite.h"

static void one_step(void *unused)
{
    (void)unused;
    step(1);
}

static void three_steps(void *unused)
{
    (void)unused;
    for (int i = 1; i <= 3; i++) {
        step(i);
        tasklet_yield();
    }
}

static void spawn_order(void)
{
    worker("A", one_step, NULL);
    worker("B", one_step, NULL);
    worker("C", one_step, NULL);
    note("main");
    tasklet_yield();
    CHECK_TRACE("main A1 B1 C1");
}

static void yield_round_robin(void)
{
    worker("A", three_steps, NULL);
    worker("B", three_steps, NULL);
    for (int i = 1; i <= 3; i++) {
        tasklet_yield();
        note("main");
    }
    CHECK_TRACE("A1 B1 main A2 B2 main A3 B3 main");
}

static void yield_alone(void)
{
    for (int i = 0; i < 100; i++) {
        tasklet_yield();
    }
    CHECK(tasklet_self() != NULL && strcmp(tasklet_self()->name, "main") == 0);
}

// One that is spawned stands behind all that are ready already.
static void parent(void *unused)
{
    (void)unused;
    step(1);
    worker("child", one_step, NULL);
    tasklet_yield();
    step(2);
}

static void spawn_nested(void)
{
    worker("A", parent, NULL);
    worker("B", three_steps, NULL);
    workers_join();
    CHECK_TRACE("A1 B1 child1 A2 B2 B3");
}

static void spawn_in_poll(struct timer *unused)
{
    (void)unused;
    CHECK(tasklet_self() == NULL);
    worker("A", one_step, NULL);
}

static void spawn_from_poll_context(void)
{
    static struct timer timer = TIMER_INIT(spawn_in_poll);

    timer_arm(&timer, after_us(100));
    sleep_ms(1);
    while (timer_armed(&timer)) {
        tasklet_yield();
    }
    tasklet_yield();
    CHECK_TRACE("A1");
}

static int __attribute__((noinline)) leave(int value)
{
    if (value != 0) {
        tasklet_exit(value);
    }
    return value;
}

static void leave_deep(void *value)
{
    if (leave(NUMBER(value)) != 0) {
        note("came back");
    }
}

static void exit_from_any_depth(void)
{
    CHECK_IS(worker_join(worker("A", leave_deep, ARG(7))), 7);
    CHECK_IS(worker_join(worker("A", leave_deep, ARG(-EIO))), -EIO);
    CHECK_IS(worker_join(worker("A", three_steps, NULL)), 0);
    CHECK_TRACE("A1 A2 A3");
}

static bool listed(const struct tasklet *t)
{
    for (const struct list *l = tasklet_all.next; l != &tasklet_all; l = l->next) {
        if (l == &t->all) {
            return true;
        }
    }
    return false;
}

static struct tasklet *seen_self;

static void look_at_self(void *name)
{
    seen_self = tasklet_self();
    CHECK(seen_self->name == name);
    CHECK(listed(seen_self));
}

static void name_and_list(void)
{
    static const char name[] = "a long name, kept by reference";
    struct tasklet *t = worker(name, look_at_self, ARG(name));

    CHECK(listed(t));
    CHECK(listed(tasklet_self()));
    tasklet_yield();
    CHECK(seen_self == t);
    CHECK(!listed(t));
}

static void use_little(void *unused)
{
    (void)unused;
}

static void use_much(void *unused)
{
    volatile unsigned char bytes[ARCH_STACK_MIN / 2 + 100];

    (void)unused;
    for (size_t i = 0; i < sizeof bytes; i++) {
        bytes[i] = 1;
    }
}

static size_t used_by(void (*fn)(void *))
{
    struct tasklet *t = worker("A", fn, NULL);

    worker_join(t);
    CHECK(tasklet_stack_used(t) <= tasklet_stack_size(t));
    return tasklet_stack_used(t);
}

static void stack_measures(void)
{
    struct tasklet *t = worker("A", one_step, NULL);

    CHECK(tasklet_stack_size(t) >= WORKER_STACK);
    CHECK(tasklet_stack_size(t) <= ARCH_STACK_MIN + WORKER_STACK + TASKLET_ALIGN);
    if (CONFIG_PAINT) {
        size_t little = used_by(use_little);

        CHECK(little > 0);
        CHECK(used_by(use_much) >= ARCH_STACK_MIN / 2 + 100);
        CHECK_IS(used_by(use_little), little); // painted afresh
    }
}

static void leave_at_once(void *value)
{
    tasklet_exit(NUMBER(value));
}

static void generations(void)
{
    for (int i = 0; i < 1000 && suite_failures() == 0; i++) {
        CHECK_IS(worker_join(worker("A", leave_at_once, ARG(i))), i);
    }
}

// ---- Credit: a tasklet that never has to wait ----

static struct semaphore units = SEMAPHORE_INIT(units, "units", 1);
static volatile bool stopped;

static void stop(void *unused)
{
    (void)unused;
    stopped = true;
}

// Takes and gives without ever waiting, until somebody else had a turn. Returns the calls it took.
static int hog(void)
{
    deadline_t limit = after_ms(10000);
    int n = 0;

    while (!stopped && time_now() < limit.ticks) {
        CHECK_IS(semaphore_take(&units, FOREVER), 0);
        semaphore_give(&units);
        n++;
    }
    CHECK(stopped);
    return n;
}

static void credit_for_ready_tasklets(void)
{
    stopped = false;
    suite_credit(SCHED_CREDIT);
    worker("A", stop, NULL);
    CHECK(hog() <= SCHED_CREDIT + 1);
}

static void credit_for_failing_calls(void)
{
    int n = 0;

    stopped = false;
    suite_credit(SCHED_CREDIT);
    semaphore_take(&units, NOWAIT);
    worker("A", stop, NULL);
    for (; !stopped && n < 1000; n++) {
        CHECK_IS(semaphore_take(&units, NOWAIT), -EAGAIN);
    }
    semaphore_give(&units);
    CHECK(n <= SCHED_CREDIT + 1);
}

static void fire(struct timer *unused)
{
    (void)unused;
    stopped = true;
}

static void credit_for_timers(void)
{
    static struct timer timer = TIMER_INIT(fire);

    stopped = false;
    suite_credit(SCHED_CREDIT);
    timer_arm(&timer, after_us(500));
    hog();
}

static void credit_for_lower_levels_is_none(void)
{
    deadline_t limit = after_us(500);

    stopped = false;
    suite_credit(SCHED_CREDIT);
    tasklet_set_priority(worker("A", stop, NULL), PRIORITY_LOW);
    while (time_now() < limit.ticks) {
        semaphore_take(&units, FOREVER);
        semaphore_give(&units);
    }
    CHECK(!stopped);
}

static void run_time(void)
{
    struct tasklet *self = tasklet_self();
    uint64_t ran = tasklet_run_time(self);

    spin_until(after_us(500));
    tasklet_yield();
    if (CONFIG_ACCOUNT) {
        CHECK(tasklet_run_time(self) - ran >= ticks_from_us(500));
        CHECK(tasklet_longest_slice(self) >= ticks_from_us(500));
    }
}

static void credit_is_exact(void)
{
    worker("A", one_step, NULL);
    suite_credit(2);
    for (int i = 1; i <= 3; i++) {
        note_number("main", i);
        CHECK_IS(semaphore_take(&units, FOREVER), 0);
        semaphore_give(&units);
    }
    note("end");
    CHECK_TRACE("main1 main2 main3 A1 end");
}

static void credit_for_sleep_that_is_none(void)
{
    worker("A", one_step, NULL);
    suite_credit(0);
    CHECK_IS(sleep_until(NOWAIT), 0);
    CHECK_TRACE("A1");
}

// Pollers and handlers have no turn to give away: what they spend is given back at once.
static void spend_all(void)
{
    suite_credit(0);
    sched_spend();
    CHECK_IS(sched.credit, SCHED_CREDIT);
}

static void spend_in_poll(struct timer *unused)
{
    (void)unused;
    spend_all();
}

static void credit_is_the_tasklets(void)
{
    static struct timer timer = TIMER_INIT(spend_in_poll);

    worker("A", one_step, NULL);
    suite_interrupt(spend_all);
    note("main");
    timer_arm(&timer, NOWAIT);
    sleep_ms(1);
    CHECK_TRACE("main A1");
}

int main(void)
{
    static const struct suite_case cases[] = {
        CASE(spawn_order),
        CASE(yield_round_robin),
        CASE(yield_alone),
        CASE(spawn_nested),
        CASE(spawn_from_poll_context),
        CASE(exit_from_any_depth),
        CASE(name_and_list),
        CASE(stack_measures),
        CASE(generations),
        CASE(credit_for_ready_tasklets),
        CASE(credit_for_failing_calls),
        CASE(credit_for_timers),
        CASE(credit_for_lower_levels_is_none),
        CASE(credit_is_exact),
        CASE(credit_for_sleep_that_is_none),
        CASE(credit_is_the_tasklets),
        CASE(run_time),
    };

    SUITE_RUN("tasklet", cases);
}

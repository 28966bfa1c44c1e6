// SPDX-License-Identifier: MIT
//
// Cancellation: delivered once per request, at the pending or the next wait, held back by a shield;
// against a wake-up or a deadline the first that is recorded wins.
#include <errno.h>

#include "kernel/chan.h"
#include "kernel/semaphore.h"
#include "tests/kernel/suite.h"

static struct semaphore gate = SEMAPHORE_INIT(gate, "gate", 0);
static int first, second; // how the first and the second wait ended

static void two_waits(void *unused)
{
    (void)unused;
    first = semaphore_take(&gate, FOREVER);
    second = semaphore_take(&gate, after_ms(1));
}

static void waiting(void)
{
    struct tasklet *t = worker("A", two_waits, NULL);

    tasklet_yield();
    CHECK_IS(tasklet_cancel(t), 0);
    CHECK(waitq_empty(&gate.waiting));
    workers_join();
    CHECK_IS(first, -ECANCELED);
    CHECK_IS(second, -ETIMEDOUT);
    CHECK_IS(gate.count, 0);
}

static void before_the_first_run(void)
{
    CHECK_IS(tasklet_cancel(worker("A", two_waits, NULL)), 0);
    workers_join();
    CHECK_IS(first, -ECANCELED);
    CHECK_IS(second, -ETIMEDOUT);
}

static void requests_count_each(void)
{
    struct tasklet *t = worker("A", two_waits, NULL);

    tasklet_yield();
    tasklet_cancel(t); // delivered to the first wait,
    tasklet_cancel(t); // due for the second
    workers_join();
    CHECK_IS(first, -ECANCELED);
    CHECK_IS(second, -ECANCELED);
}

static void of_an_ended_one(void)
{
    struct tasklet *t = worker("A", two_waits, NULL);

    semaphore_give(&gate);
    semaphore_give(&gate);
    tasklet_yield();
    CHECK_IS(tasklet_cancel(t), -ESRCH);
    workers_join();
    CHECK_IS(tasklet_cancel(t), -ESRCH);
    CHECK_IS(first, 0);
    CHECK_IS(second, 0);
}

static CHAN(queue, int, 2);

static void go_on_at_once(void *unused)
{
    int element = 1;

    (void)unused;
    CHECK(!tasklet_cancelled());
    tasklet_cancel(tasklet_self());
    CHECK(tasklet_cancelled());
    tasklet_yield();
    CHECK_IS(chan_send(&queue, &element, FOREVER), 0);
    CHECK_IS(chan_send(&queue, &element, FOREVER), 0);
    CHECK_IS(chan_send(&queue, &element, FOREVER), -ECANCELED);
    CHECK_IS(chan_count(&queue), 2);
    CHECK(tasklet_cancelled());
    CHECK_IS(chan_send(&queue, &element, after_us(100)), -ETIMEDOUT);
}

static void left_for_a_call_that_waits(void)
{
    worker("A", go_on_at_once, NULL);
}

static void wake_then_cancel(void)
{
    struct tasklet *t = worker("A", two_waits, NULL);

    tasklet_yield();
    semaphore_give(&gate);
    tasklet_cancel(t);
    workers_join();
    CHECK_IS(first, 0);
    CHECK_IS(second, -ECANCELED);
    CHECK_IS(gate.count, 0);
}

static void cancel_then_wake(void)
{
    struct tasklet *t = worker("A", two_waits, NULL);

    tasklet_yield();
    tasklet_cancel(t);
    semaphore_give(&gate);
    CHECK_IS(gate.count, 1);
    workers_join();
    CHECK_IS(first, -ECANCELED);
    CHECK_IS(second, 0);
    CHECK_IS(gate.count, 0);
}

static deadline_t moment;

static void wait_until_moment(void *unused)
{
    (void)unused;
    first = semaphore_take(&gate, moment);
    second = semaphore_take(&gate, after_ms(1));
}

static void deadline_then_cancel(void)
{
    struct tasklet *t = worker("A", wait_until_moment, NULL);

    moment = after_ms(1);
    tasklet_yield();
    while (tasklet_state(t) == TASKLET_WAITING) { // stays ready at its level while this one goes on
        tasklet_set_priority(tasklet_self(), PRIORITY_HIGH);
        tasklet_yield();
    }
    tasklet_cancel(t);
    tasklet_set_priority(tasklet_self(), PRIORITY_NORMAL);
    workers_join();
    CHECK_IS(first, -ETIMEDOUT);
    CHECK_IS(second, -ECANCELED);
}

// ---- The shield ----

static void nested_shields(void *unused)
{
    (void)unused;
    tasklet_shield();
    tasklet_shield();
    tasklet_cancel(tasklet_self());
    CHECK_IS(sleep_ms(1), 0);
    tasklet_unshield();
    CHECK_IS(sleep_ms(1), 0);
    CHECK(tasklet_cancelled());
    tasklet_unshield();
    CHECK_IS(sleep_ms(1), -ECANCELED);
    CHECK_IS(sleep_ms(1), 0);
}

static void shield_nests(void)
{
    worker("A", nested_shields, NULL);
}

static void shield_a_due_one(void *unused)
{
    (void)unused;
    tasklet_cancel(tasklet_self());
    tasklet_shield();
    CHECK_IS(sleep_ms(1), 0);
    tasklet_unshield();
    CHECK_IS(sleep_ms(1), -ECANCELED);
    CHECK_IS(sleep_ms(1), 0);
}

static void shield_holds_what_is_due(void)
{
    worker("A", shield_a_due_one, NULL);
}

static void shielded_wait(void *unused)
{
    (void)unused;
    tasklet_shield();
    first = semaphore_take(&gate, FOREVER);
    tasklet_unshield();
    second = semaphore_take(&gate, after_ms(1));
}

static void cancelled_while_shielded(void)
{
    struct tasklet *t = worker("A", shielded_wait, NULL);

    tasklet_yield();
    CHECK_IS(tasklet_cancel(t), 0);
    tasklet_yield();
    CHECK_IS(tasklet_state(t), TASKLET_WAITING);
    semaphore_give(&gate);
    workers_join();
    CHECK_IS(first, 0);
    CHECK_IS(second, -ECANCELED);
}

// ---- From elsewhere ----

static struct tasklet *victim;

static void cancel_victim(struct timer *unused)
{
    (void)unused;
    CHECK_IS(tasklet_cancel(victim), 0);
}

static void from_poll_context(void)
{
    static struct timer timer = TIMER_INIT(cancel_victim);

    victim = worker("A", two_waits, NULL);
    tasklet_yield();
    timer_arm(&timer, after_us(200));
    workers_join();
    CHECK_IS(first, -ECANCELED);
}

static void sleeper(void *unused)
{
    (void)unused;
    first = sleep_until(FOREVER);
    second = sleep_ms(1);
}

static void sleeping(void)
{
    struct tasklet *t = worker("A", sleeper, NULL);

    tasklet_yield();
    tasklet_cancel(t);
    workers_join();
    CHECK_IS(first, -ECANCELED);
    CHECK_IS(second, 0);
}

// The middle one of three leaves the queue; the order of the others stays.
static void take_one(void *unused)
{
    (void)unused;
    if (semaphore_take(&gate, FOREVER) == 0) {
        step(1);
    } else {
        step(0);
    }
}

static void out_of_the_middle(void)
{
    struct tasklet *b;

    worker("A", take_one, NULL);
    b = worker("B", take_one, NULL);
    worker("C", take_one, NULL);
    tasklet_yield();
    tasklet_cancel(b);
    semaphore_give(&gate);
    semaphore_give(&gate);
    workers_join();
    CHECK_TRACE("B0 A1 C1");
    CHECK_IS(gate.count, 0);
}

int main(void)
{
    static const struct suite_case cases[] = {
        CASE(waiting),
        CASE(before_the_first_run),
        CASE(requests_count_each),
        CASE(of_an_ended_one),
        CASE(left_for_a_call_that_waits),
        CASE(wake_then_cancel),
        CASE(cancel_then_wake),
        CASE(deadline_then_cancel),
        CASE(shield_nests),
        CASE(shield_holds_what_is_due),
        CASE(cancelled_while_shielded),
        CASE(from_poll_context),
        CASE(sleeping),
        CASE(out_of_the_middle),
    };

    SUITE_RUN("cancel", cases);
}

// SPDX-License-Identifier: MIT
//
// Wait queues, and waits on several of them.
#include <errno.h>
#include <string.h>

#include "tests/kernel/suite.h"

enum { QUEUES = 8 };

static struct waitq door = WAITQ_INIT(door, "door");
static struct waitq queues[QUEUES];
static struct set_waiter waiters[QUEUES];
static struct wait_set set;

static void wait_at_door(void *d)
{
    int result = wait_on(&door, "test", d != NULL ? *(const deadline_t *)d : FOREVER);

    step(result);
}

static void wake_one(void)
{
    CHECK(!waitq_wake_one(&door));
    worker("A", wait_at_door, NULL);
    worker("B", wait_at_door, NULL);
    tasklet_yield();
    CHECK(waitq_wake_one(&door));
    tasklet_yield();
    CHECK_TRACE("A0");
    CHECK(!waitq_empty(&door) && waiter_tasklet(waitq_first(&door))->name[0] == 'B');
    CHECK(waitq_wake_one(&door));
    CHECK(!waitq_wake_one(&door));
    workers_join();
    CHECK_TRACE("B0");
}

static void wake_all(void)
{
    CHECK_IS(waitq_wake_all(&door), 0);
    worker("A", wait_at_door, NULL);
    worker("B", wait_at_door, NULL);
    worker("C", wait_at_door, NULL);
    tasklet_yield();
    CHECK_IS(waitq_wake_all(&door), 3);
    CHECK(waitq_empty(&door));
    workers_join();
    CHECK_TRACE("A0 B0 C0");
}

static void results(void)
{
    worker("A", wait_at_door, NULL);
    worker("B", wait_at_door, NULL);
    tasklet_yield();
    wait_end(waitq_first(&door), 42);
    wait_end(waitq_first(&door), -7);
    workers_join();
    CHECK_TRACE("A42 B-7");
}

static void without_waiting(void)
{
    CHECK_IS(wait_on(&door, "test", NOWAIT), -EAGAIN);
    CHECK_IS(wait_alone("test", NOWAIT), -EAGAIN);
    CHECK(waitq_empty(&door));
}

static void deadline(void)
{
    deadline_t d = after_us(500);

    CHECK_IS(wait_on(&door, "test", d), -ETIMEDOUT);
    CHECK(suite_on_time(d));
    CHECK(waitq_empty(&door));
    CHECK(!waitq_wake_one(&door));
}

// ---- A deadline and a wake-up in the same pass: the first wins ----

static deadline_t moment;
static bool woke;

static void wake_at_door(struct timer *unused)
{
    (void)unused;
    woke = waitq_wake_one(&door);
}

static struct timer waker = TIMER_INIT(wake_at_door);

static void wake_before_deadline(void)
{
    moment = suite_soon();
    timer_arm(&waker, moment);
    int result = wait_on(&door, "test", moment);

    CHECK(woke || !suite_exact());
    CHECK_IS(result, woke ? 0 : -ETIMEDOUT);
    CHECK(time_now() >= moment.ticks);
}

static void arm_waker(void *unused)
{
    (void)unused;
    timer_arm(&waker, moment);
}

static void deadline_before_wake(void)
{
    moment = suite_soon();
    worker("A", arm_waker, NULL);
    CHECK_IS(wait_on(&door, "test", moment), -ETIMEDOUT);
    while (timer_armed(&waker)) {
        tasklet_yield();
    }
    CHECK(!woke);
}

// ---- Several queues ----

static void add(size_t n)
{
    wait_set_begin(&set, waiters, n);
    for (size_t i = 0; i < n; i++) {
        waiter_add(&set, i, &queues[i], ARG(i));
    }
}

static bool all_empty(void)
{
    for (size_t i = 0; i < QUEUES; i++) {
        if (!waitq_empty(&queues[i])) {
            return false;
        }
    }
    return true;
}

static void end_one(void *index)
{
    struct waiter *w = waitq_first(&queues[NUMBER(index)]);

    CHECK(w == &waiters[NUMBER(index)].waiter && w->data == index);
    wait_end(w, NUMBER(index) + 100);
    CHECK(all_empty());
}

static void any_of_one_to_eight(void)
{
    for (size_t n = 1; n <= QUEUES; n++) {
        for (size_t i = 0; i < n; i++) {
            struct tasklet *t = worker("A", end_one, ARG(i));

            add(n);
            CHECK_IS(wait_any(&set, "test", FOREVER), (intptr_t)i + 100);
            CHECK_IS(set.fired, i);
            CHECK(all_empty());
            worker_join(t);
        }
    }
}

static void any_with_deadline(void)
{
    deadline_t d = after_us(500);

    add(QUEUES);
    CHECK_IS(wait_any(&set, "test", d), -ETIMEDOUT);
    CHECK(suite_on_time(d));
    CHECK_IS(set.fired, QUEUES);
    CHECK(all_empty());
    // And a single wait after it is not taken for one on several.
    CHECK_IS(wait_on(&door, "test", after_us(100)), -ETIMEDOUT);
    CHECK(waitq_empty(&door));
}

static void any_without_waiting(void)
{
    add(3);
    CHECK_IS(wait_any(&set, "test", NOWAIT), -EAGAIN);
    CHECK_IS(set.fired, 3);
    CHECK(all_empty());
}

static void cancel_it(void *t)
{
    CHECK_IS(tasklet_cancel(t), 0);
    CHECK(all_empty());
}

static void any_cancelled(void)
{
    worker("A", cancel_it, tasklet_self());
    add(4);
    CHECK_IS(wait_any(&set, "test", FOREVER), -ECANCELED);
    CHECK_IS(set.fired, 4);
    tasklet_cancel(tasklet_self());
    add(2);
    CHECK_IS(wait_any(&set, "test", FOREVER), -ECANCELED);
    CHECK_IS(set.fired, 2);
    CHECK(all_empty());
}

static void wake_two(void *unused)
{
    (void)unused;
    CHECK(waitq_wake_one(&queues[2]));
    CHECK(!waitq_wake_one(&queues[0]));
    CHECK(!waitq_wake_one(&queues[2]));
}

static void first_of_several_wins(void)
{
    worker("A", wake_two, NULL);
    add(3);
    CHECK_IS(wait_any(&set, "test", FOREVER), 0);
    CHECK_IS(set.fired, 2);
}

// Waiters of both kinds stand in one queue in the order they came.
static void any_in_line(void *unused)
{
    (void)unused;
    wait_set_begin(&set, waiters, 2);
    waiter_add(&set, 0, &door, NULL);
    waiter_add(&set, 1, &queues[1], NULL);
    step(wait_any(&set, "test", FOREVER));
    CHECK_IS(set.fired, 0);
}

static void one_line_for_all(void)
{
    worker("A", wait_at_door, NULL);
    worker("B", any_in_line, NULL);
    worker("C", wait_at_door, NULL);
    tasklet_yield();
    CHECK_IS(waitq_wake_all(&door), 3);
    workers_join();
    CHECK_TRACE("A0 B0 C0");
    CHECK(all_empty());
}

static void wait_in_no_queue(void *unused)
{
    (void)unused;
    step(wait_alone("test", FOREVER));
}

static void ended_by_its_own_waiter(void)
{
    struct tasklet *t = worker("A", wait_in_no_queue, NULL);

    tasklet_yield();
    wait_end(&t->waiter, 9);
    workers_join();
    CHECK_TRACE("A9");
}

static void queues_have_names(void)
{
    struct waitq q;

    waitq_init(&q, "a name");
    CHECK_IS(strcmp(q.name, "a name"), 0);
    CHECK(waitq_empty(&q));
    CHECK_IS(wait_on(&q, "a call", after_us(10)), -ETIMEDOUT);
    CHECK_IS(strcmp(tasklet_self()->in, "a call"), 0); // ps shows it while it waits
}

int main(void)
{
    static const struct suite_case cases[] = {
        CASE(queues_have_names),
        CASE(wake_one),
        CASE(wake_all),
        CASE(results),
        CASE(without_waiting),
        CASE(deadline),
        CASE(wake_before_deadline),
        CASE(deadline_before_wake),
        CASE(any_of_one_to_eight),
        CASE(any_with_deadline),
        CASE(any_without_waiting),
        CASE(any_cancelled),
        CASE(first_of_several_wins),
        CASE(one_line_for_all),
        CASE(ended_by_its_own_waiter),
    };

    for (size_t i = 0; i < QUEUES; i++) {
        waitq_init(&queues[i], NULL);
    }
    SUITE_RUN("wait", cases);
}

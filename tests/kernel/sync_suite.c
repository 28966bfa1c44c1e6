// SPDX-License-Identifier: MIT
//
// Semaphores and mutexes.
#include <errno.h>

#include "kernel/mutex.h"
#include "kernel/semaphore.h"
#include "tests/kernel/suite.h"

static struct semaphore sem = SEMAPHORE_INIT(sem, "sem", 0);
static struct mutex mutex = MUTEX_INIT(mutex, "mutex");
static deadline_t moment;

// ---- Semaphores ----

static void take(void *unused)
{
    (void)unused;
    CHECK_IS(semaphore_take(&sem, FOREVER), 0);
    step(1);
}

static void units_are_counted(void)
{
    struct semaphore s;

    semaphore_init(&s, "s", 2);
    CHECK_IS(semaphore_take(&s, FOREVER), 0);
    CHECK_IS(semaphore_take(&s, NOWAIT), 0);
    CHECK_IS(semaphore_take(&s, NOWAIT), -EAGAIN);
    semaphore_give(&s);
    semaphore_give(&s);
    semaphore_give(&s);
    for (int i = 0; i < 3; i++) {
        CHECK_IS(semaphore_take(&s, NOWAIT), 0);
    }
    CHECK_IS(s.count, 0);
}

// A unit goes to who waits, not to who comes by.
static void handed_over(void)
{
    worker("A", take, NULL);
    worker("B", take, NULL);
    tasklet_yield();
    semaphore_give(&sem);
    CHECK_IS(sem.count, 0);
    CHECK_IS(semaphore_take(&sem, NOWAIT), -EAGAIN);
    note("main");
    semaphore_give(&sem);
    CHECK_IS(semaphore_take(&sem, NOWAIT), -EAGAIN);
    workers_join();
    CHECK_TRACE("main A1 B1");
}

static void deadline_takes_nothing(void)
{
    deadline_t d = after_us(200);

    CHECK_IS(semaphore_take(&sem, d), -ETIMEDOUT);
    CHECK(suite_on_time(d));
    CHECK_IS(sem.count, 0);
    CHECK(waitq_empty(&sem.waiting));
    semaphore_give(&sem);
    CHECK_IS(sem.count, 1);
    CHECK_IS(semaphore_take(&sem, d), 0); // at once, whatever the deadline
}

static void take_until_moment(void *result)
{
    *(int *)result = semaphore_take(&sem, moment);
}

// One gives up, the next in line gets the unit.
static void the_next_in_line(void)
{
    int a = 1, b = 1;
    struct tasklet *first;

    moment = after_us(100);
    first = worker("A", take_until_moment, &a);
    tasklet_yield();
    moment = FOREVER;
    worker("B", take_until_moment, &b);
    worker_join(first);
    semaphore_give(&sem);
    workers_join();
    CHECK_IS(a, -ETIMEDOUT);
    CHECK_IS(b, 0);
    CHECK_IS(sem.count, 0);
}

static void give_at(struct timer *unused)
{
    (void)unused;
    semaphore_give(&sem);
}

static void given_in_poll_context(void)
{
    static struct timer timer = TIMER_INIT(give_at);

    timer_arm(&timer, after_us(100));
    CHECK_IS(semaphore_take(&sem, FOREVER), 0);
    timer_arm(&timer, NOWAIT);
    while (timer_armed(&timer)) {
        tasklet_yield();
    }
    CHECK_IS(sem.count, 1);
    CHECK_IS(semaphore_take(&sem, NOWAIT), 0);
}

// ---- Mutexes ----

static void lock_step_unlock(void *unused)
{
    (void)unused;
    CHECK_IS(mutex_lock(&mutex, FOREVER), 0);
    step(1);
    tasklet_yield();
    step(2);
    mutex_unlock(&mutex);
}

static void one_at_a_time(void)
{
    worker("A", lock_step_unlock, NULL);
    worker("B", lock_step_unlock, NULL);
    worker("C", lock_step_unlock, NULL);
    workers_join();
    CHECK_TRACE("A1 A2 B1 B2 C1 C2");
    CHECK(mutex.owner == NULL);
}

static void owner(void)
{
    struct mutex m;

    mutex_init(&m, "m");
    CHECK_IS(mutex_lock(&m, NOWAIT), 0);
    CHECK(m.owner == tasklet_self());
    CHECK_IS(mutex_lock(&m, FOREVER), -EDEADLK);
    CHECK_IS(mutex_lock(&m, NOWAIT), -EDEADLK);
    mutex_unlock(&m);
    CHECK(m.owner == NULL);
}

static int lock_result, after_lock;

static void lock_until_moment(void *unused)
{
    (void)unused;
    lock_result = mutex_lock(&mutex, moment);
    after_lock = sleep_ms(1);
    if (lock_result == 0) {
        mutex_unlock(&mutex);
    }
}

// Unlocking hands it over: the one that unlocks cannot take it again before.
static void handed_over_at_once(void)
{
    struct tasklet *t = worker("A", lock_until_moment, NULL);

    moment = FOREVER;
    CHECK_IS(mutex_lock(&mutex, FOREVER), 0);
    tasklet_yield();
    mutex_unlock(&mutex);
    CHECK(mutex.owner == t);
    CHECK_IS(mutex_lock(&mutex, NOWAIT), -EAGAIN);
    CHECK_IS(mutex_lock(&mutex, FOREVER), 0);
    mutex_unlock(&mutex);
    workers_join();
    CHECK_IS(lock_result, 0);
}

// Once it owns it, a cancellation is left for the next wait.
static void ownership_beats_cancel(void)
{
    struct tasklet *t = worker("A", lock_until_moment, NULL);

    moment = FOREVER;
    mutex_lock(&mutex, FOREVER);
    tasklet_yield();
    mutex_unlock(&mutex);
    tasklet_cancel(t);
    workers_join();
    CHECK_IS(lock_result, 0);
    CHECK_IS(after_lock, -ECANCELED);
    CHECK(mutex.owner == NULL);
}

static void cancelled(void)
{
    struct tasklet *t = worker("A", lock_until_moment, NULL);

    moment = FOREVER;
    mutex_lock(&mutex, FOREVER);
    tasklet_yield();
    tasklet_cancel(t);
    mutex_unlock(&mutex);
    CHECK(mutex.owner == NULL);
    workers_join();
    CHECK_IS(lock_result, -ECANCELED);
    CHECK_IS(after_lock, 0);
}

static void lock_with_deadline(void)
{
    struct tasklet *t = worker("A", lock_until_moment, NULL);

    moment = after_us(200);
    mutex_lock(&mutex, FOREVER);
    worker_join(t);
    CHECK_IS(lock_result, -ETIMEDOUT);
    CHECK(mutex.owner == tasklet_self());
    CHECK(waitq_empty(&mutex.waiting));
    mutex_unlock(&mutex);
    CHECK(mutex.owner == NULL);
}

// A counter that is read, kept over a wait, and written back: right only if nobody comes between.
static int counter;

static void count(void *unused)
{
    (void)unused;
    for (int i = 0; i < 20; i++) {
        CHECK_IS(mutex_lock(&mutex, FOREVER), 0);
        int before = counter;

        if (suite_random(2)) {
            tasklet_yield();
        } else {
            sleep_until(after_us(suite_random(20)));
        }
        counter = before + 1;
        mutex_unlock(&mutex);
    }
}

static void held_over_waits(void)
{
    suite_seed(3);
    suite_credit(SCHED_CREDIT);
    counter = 0;
    for (int i = 0; i < 4; i++) {
        worker("A", count, NULL);
    }
    workers_join();
    CHECK_IS(counter, 80);
}

// ---- Turns: whoever could have waited often enough gives the others theirs ----

static void step_once(void *unused)
{
    (void)unused;
    step(1);
}

// The next call that could wait gives way first.
static void credit_is_spent(void)
{
    worker("A", step_once, NULL);
    suite_credit(0);
}

static void turns_of_semaphores(void)
{
    struct semaphore s;

    semaphore_init(&s, "s", 1);
    credit_is_spent();
    CHECK_IS(semaphore_take(&s, FOREVER), 0);
    CHECK_TRACE("A1");
    credit_is_spent();
    CHECK_IS(semaphore_take(&s, NOWAIT), -EAGAIN);
    CHECK_TRACE("A1");
    CHECK_IS(semaphore_take(&s, after_us(10)), -ETIMEDOUT);
}

static void hold(void *unused)
{
    (void)unused;
    CHECK_IS(mutex_lock(&mutex, FOREVER), 0);
    tasklet_yield();
    tasklet_yield();
    mutex_unlock(&mutex);
}

static void turns_of_mutexes(void)
{
    credit_is_spent();
    CHECK_IS(mutex_lock(&mutex, FOREVER), 0);
    CHECK_TRACE("A1");
    mutex_unlock(&mutex);
    worker("B", hold, NULL);
    tasklet_yield();
    credit_is_spent();
    CHECK_IS(mutex_lock(&mutex, NOWAIT), -EAGAIN);
    CHECK_TRACE("A1");
    workers_join();
}

int main(void)
{
    static const struct suite_case cases[] = {
        CASE(units_are_counted),
        CASE(handed_over),
        CASE(deadline_takes_nothing),
        CASE(the_next_in_line),
        CASE(given_in_poll_context),
        CASE(one_at_a_time),
        CASE(owner),
        CASE(handed_over_at_once),
        CASE(ownership_beats_cancel),
        CASE(cancelled),
        CASE(lock_with_deadline),
        CASE(held_over_waits),
        CASE(turns_of_semaphores),
        CASE(turns_of_mutexes),
    };

    SUITE_RUN("sync", cases);
}

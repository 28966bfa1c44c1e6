// SPDX-License-Identifier: MIT
//
// Lazy deadlines: a tasklet that is woken leaves its timer armed, and the next wait moves it only
// if it would come too late. Seen from outside: each wait ends at its own deadline, once, and an
// idle system wakes for nothing else. The last is counted in alarms, in virtual time.
#include <errno.h>

#include "kernel/chan.h"
#include "kernel/semaphore.h"
#include "tests/kernel/suite.h"

static struct semaphore gate = SEMAPHORE_INIT(gate, "gate", 0);

// The linker puts this in time_alarm()'s place (lazy_suite.mk).
void __real_time_alarm(void);
void __wrap_time_alarm(void);
static unsigned alarms;

void __wrap_time_alarm(void)
{
    alarms++;
    __real_time_alarm();
}

#define CHECK_ALARMS(expected)                                                                     \
    do {                                                                                           \
        if (suite_exact()) {                                                                       \
            CHECK_IS(alarms, expected);                                                            \
        }                                                                                          \
    } while (0)

// A wait with the first deadline that is woken at once, then one with the second.
struct two_waits {
    uint32_t first_us, second_us;
};

static int wakes;

static void wait_twice(void *arg)
{
    const struct two_waits *w = arg;

    CHECK_IS(semaphore_take(&gate, after_us(w->first_us)), 0);
    deadline_t d = after_us(w->second_us);

    CHECK_IS(semaphore_take(&gate, d), -ETIMEDOUT);
    CHECK(suite_on_time(d));
    wakes++;
}

static void woken_then(uint32_t first_us, uint32_t second_us)
{
    struct two_waits w = { first_us, second_us };
    struct tasklet *t = worker("A", wait_twice, &w);

    wakes = 0;
    tasklet_yield();
    semaphore_give(&gate);
    tasklet_yield();
    alarms = 0;
    CHECK_IS(tasklet_join(t, FOREVER), 0);
    CHECK_IS(wakes, 1);
    CHECK_ALARMS(1);
    workers_join();
}

static void then_a_longer_wait(void)
{
    woken_then(500000, 501000);
    woken_then(500000, 900000);
    woken_then(1000000, 1000000);
}

// The same while the processor is busy, so that the early expiry is not put off but comes.
static void then_a_longer_wait_while_busy(void)
{
    struct two_waits w = { 500000, 600000 };
    struct tasklet *t = worker("A", wait_twice, &w);

    wakes = 0;
    tasklet_yield();
    semaphore_give(&gate);
    while (tasklet_state(t) != TASKLET_EXITED) {
        tasklet_yield();
    }
    CHECK_IS(wakes, 1);
}

static void then_a_shorter_wait(void)
{
    woken_then(10000000, 1000);
    woken_then(1001000, 1000000);
}

static deadline_t common;

static void wait_twice_until_common(void *unused)
{
    (void)unused;
    CHECK_IS(semaphore_take(&gate, common), 0);
    CHECK_IS(semaphore_take(&gate, common), -ETIMEDOUT);
    note("A");
}

static void wait_until_common(void *unused)
{
    (void)unused;
    sleep_until(common);
    note("B");
}

// Whoever waits again for the same time keeps its place among those who do.
static void then_a_wait_as_long(void)
{
    common = suite_soon();
    worker("A", wait_twice_until_common, NULL);
    worker("B", wait_until_common, NULL);
    tasklet_yield();
    semaphore_give(&gate);
    workers_join();
    CHECK_TRACE("A B");
}

static void take_twice(void *unused)
{
    (void)unused;
    CHECK_IS(semaphore_take(&gate, after_ms(500)), 0);
    CHECK_IS(semaphore_take(&gate, FOREVER), 0);
}

static void then_a_wait_without_limit(void)
{
    struct tasklet *t = worker("A", take_twice, NULL);

    tasklet_yield();
    semaphore_give(&gate);
    tasklet_yield();
    alarms = 0;
    sleep_ms(600);
    CHECK_ALARMS(1);
    CHECK_IS(tasklet_state(t), TASKLET_WAITING);
    semaphore_give(&gate);
}

// Deadlines that shrink and grow from wait to wait; every fourth is not met.
static bool wants_a_unit;

static void many_waits(void *unused)
{
    (void)unused;
    for (uint32_t i = 0; i < 64; i++) {
        wants_a_unit = i % 4 != 3;
        deadline_t d =
            after_us(wants_a_unit ? 10000000 + suite_random(1000000) : suite_random(300));

        CHECK_IS(semaphore_take(&gate, d), wants_a_unit ? 0 : -ETIMEDOUT);
        CHECK(wants_a_unit || suite_on_time(d));
    }
}

static void many(void)
{
    suite_seed(1);
    struct tasklet *t = worker("A", many_waits, NULL);

    while (tasklet_state(t) != TASKLET_EXITED) {
        if (wants_a_unit && !waitq_empty(&gate.waiting)) {
            semaphore_give(&gate);
        }
        tasklet_yield();
    }
}

static CHAN(ping, int, 0);
static CHAN(pong, int, 0);

static void answer(void *unused)
{
    int n;

    (void)unused;
    while (chan_recv(&ping, &n, after_ms(10000)) == 0) {
        CHECK_IS(chan_send(&pong, &n, after_ms(10000)), 0);
    }
}

// Each message with a deadline of its own; not one of them fires, while time passes theirs.
static void messages_with_deadlines(void)
{
    int got = 0;

    worker("A", answer, NULL);
    for (int i = 0; i < 100; i++) {
        CHECK_IS(chan_send(&ping, &i, after_ms(5000)), 0);
        CHECK_IS(chan_recv(&pong, &got, after_ms(5000)), 0);
        CHECK_IS(got, i);
        if (suite_exact()) {
            sleep_ms(200);
        }
    }
    chan_close(&ping);
}

// ---- Alarms of an idle system ----

static void nothing(struct timer *unused)
{
    (void)unused;
}

static void one_sleep_one_alarm(void)
{
    alarms = 0;
    sleep_ms(900);
    CHECK_ALARMS(1);
}

static void cancelled_timers_do_not_wake(void)
{
    static struct timer a = TIMER_INIT(nothing), b = TIMER_INIT(nothing);

    timer_arm(&a, after_ms(100));
    timer_arm(&b, after_ms(101));
    timer_cancel(&b);
    timer_cancel(&a);
    alarms = 0;
    sleep_ms(200);
    CHECK_ALARMS(1);
}

static void ended_tasklets_do_not_wake(void)
{
    worker("A", take_twice, NULL);
    tasklet_yield();
    semaphore_give(&gate);
    semaphore_give(&gate);
    workers_join();
    alarms = 0;
    sleep_ms(600);
    CHECK_ALARMS(1);
}

static void sleep_200(void *unused)
{
    (void)unused;
    sleep_ms(200);
}

// The first of two is cancelled: the alarm is for the second.
static void cancelled_timers_do_not_wake_for_those_behind(void)
{
    static struct timer first = TIMER_INIT(nothing);

    timer_arm(&first, after_ms(100));
    worker("A", sleep_200, NULL);
    tasklet_yield();
    timer_cancel(&first);
    alarms = 0;
    workers_join();
    CHECK_ALARMS(1);
}

// Far more time than the 32-bit counter has: it is looked at a few times per wrap, no more.
static void long_sleep(void)
{
    if (suite_exact()) {
        alarms = 0;
        sleep_ms(100000);
        CHECK(alarms <= 100000 / 4294 * 4 + 5);
    }
}

int main(void)
{
    static const struct suite_case cases[] = {
        CASE(then_a_longer_wait),           CASE(then_a_longer_wait_while_busy),
        CASE(then_a_shorter_wait),          CASE(then_a_wait_as_long),
        CASE(then_a_wait_without_limit),    CASE(many),
        CASE(messages_with_deadlines),      CASE(one_sleep_one_alarm),
        CASE(cancelled_timers_do_not_wake), CASE(cancelled_timers_do_not_wake_for_those_behind),
        CASE(ended_tasklets_do_not_wake),   CASE(long_sleep),
    };

    SUITE_RUN("lazy", cases);
}

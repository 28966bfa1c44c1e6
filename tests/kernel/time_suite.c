// SPDX-License-Identifier: MIT
//
// Time: arithmetic, waits that are never short, the wrap of the 32-bit counter below.
#include <errno.h>

#include "kernel/semaphore.h"
#include "kernel/signal.h"
#include "tests/kernel/suite.h"

// A span in ticks is never shorter than asked for, and longer by two ticks at most besides the
// constant's own error of one in 2^10 ticks per unit.
static void check_span(uint64_t ticks, uint32_t n, uint64_t units_per_second)
{
    uint64_t asked = (uint64_t)n * TICK_HZ, got = ticks * units_per_second;

    CHECK(got >= asked);
    CHECK(got - asked <= (2 + n / 1024) * units_per_second);
}

static void spans_are_rounded_up(void)
{
    static const uint32_t spans[] = { 0,    1,     2,        3,        7,         999,       1000,
                                      1001, 59999, 1u << 20, 86400000, INT32_MAX, UINT32_MAX };

    CHECK_IS(ticks_from_ms(0), 0);
    CHECK_IS(ticks_from_us(0), 0);
    for (size_t i = 0; i < sizeof spans / sizeof spans[0]; i++) {
        check_span(ticks_from_ms(spans[i]), spans[i], 1000);
        check_span(ticks_from_us(spans[i]), spans[i], 1000000);
    }
    CHECK(ticks_from_ms(1000) >= TICK_HZ);
    CHECK(ticks_from_us(1) >= 1);
    CHECK(TICK_HZ % 1000 != 0 || ticks_from_ms(77777) == UINT64_C(77777) * (TICK_HZ / 1000));
    CHECK(TICK_HZ % 1000000 != 0 ||
          ticks_from_us(7777777) == UINT64_C(7777777) * (TICK_HZ / 1000000));
}

static void deadlines_are_from_now(void)
{
    uint64_t before = time_now();
    deadline_t ms = after_ms(3), us = after_us(3000), ticks = after_ticks(17);
    uint64_t after = time_now();

    CHECK(ms.ticks >= before + ticks_from_ms(3) && ms.ticks <= after + ticks_from_ms(3));
    CHECK(us.ticks >= before + ticks_from_us(3000) && us.ticks <= after + ticks_from_us(3000));
    CHECK(ticks.ticks >= before + 17 && ticks.ticks <= after + 17);
    CHECK(NOWAIT.ticks < before && FOREVER.ticks > after_ms(UINT32_MAX).ticks);
}

static void monotonic(void)
{
    uint64_t last = time_now();

    for (int i = 0; i < 10000; i++) {
        uint64_t now = time_now();

        CHECK(now >= last);
        last = now;
    }
}

static void microseconds(void)
{
    uint64_t us = time_us(), ticks = time_now();

    CHECK(us <= ticks_from_us(1) * ticks); // no overflow into nonsense
    sleep_ms(20);
    CHECK(time_us() - us >= 20000);
    CHECK(!suite_exact() || time_us() - us < 20100);
}

static void never_early(void)
{
    static const uint32_t spans[] = { 1, 10, 99, 100, 1000, 2500, 10000 };

    for (size_t i = 0; i < sizeof spans / sizeof spans[0]; i++) {
        deadline_t d = after_us(spans[i]);

        CHECK_IS(sleep_until(d), 0);
        CHECK(suite_on_time(d));
    }
    for (uint32_t ms = 0; ms < 4; ms++) {
        uint64_t before = time_now();

        CHECK_IS(sleep_ms(ms), 0);
        CHECK(time_now() - before >= ticks_from_ms(ms));
    }
}

static void nowait(void)
{
    deadline_t d = after_ticks(0);

    CHECK_IS(sleep_until(NOWAIT), 0);
    CHECK(suite_on_time(d));
}

static struct semaphore never = SEMAPHORE_INIT(never, "never", 0);

// Those that wait are ended at the next pass, however long ago the deadline was.
static void take_with_deadline(uint64_t d)
{
    deadline_t now = after_ticks(0);

    CHECK_IS(semaphore_take(&never, (deadline_t){ d }), -ETIMEDOUT);
    CHECK(suite_on_time(now));
}

static void in_the_past(void)
{
    for (uint64_t ago = 1; ago < time_now(); ago *= 4) {
        take_with_deadline(time_now() - ago);
    }
    take_with_deadline(1);
}

// The same when no timer has fired for more than half a wrap of the counter.
static struct signal woken = SIGNAL_INIT(woken, "woken");

static void wake_up(void)
{
    signal_raise(&woken);
}

static void in_the_past_after_a_long_idle_time(void)
{
    static const uint32_t spans[] = { 3000, 2000, 2500, 1, 4000 };

    signal_register(&woken);
    for (size_t i = 0; i < sizeof spans / sizeof spans[0]; i++) {
        uint64_t before = time_now();

        if (!suite_interrupt_at(after_ms(spans[i]), wake_up)) {
            return;
        }
        CHECK_IS(signal_wait(&woken, FOREVER), 0);
        take_with_deadline(before + 1);
        take_with_deadline(before - 1);
        take_with_deadline(1);
    }
}

// Past deadlines leave those in the future alone.
static void sleep_and_step(void *d)
{
    sleep_until(*(const deadline_t *)d);
    CHECK(suite_on_time(*(const deadline_t *)d));
    step(1);
}

static void past_among_future(void)
{
    deadline_t d[4], base = suite_soon();

    for (size_t i = 0; i < 4; i++) {
        d[i].ticks = base.ticks + i * ticks_from_us(97);
    }
    worker("D", sleep_and_step, &d[3]);
    worker("B", sleep_and_step, &d[1]);
    worker("A", sleep_and_step, &d[0]);
    worker("C", sleep_and_step, &d[2]);
    while (time_now() < d[3].ticks) {
        sleep_until((deadline_t){ 1 });
        sleep_until((deadline_t){ time_now() - 1 });
        sleep_until(after_us(50));
    }
    workers_join();
    CHECK_TRACE("A1 B1 C1 D1");
}

static void equal_deadlines(void)
{
    deadline_t d = suite_soon();

    worker("A", sleep_and_step, &d);
    worker("B", sleep_and_step, &d);
    worker("C", sleep_and_step, &d);
    workers_join();
    CHECK_TRACE("A1 B1 C1");
}

static void sleep_forever(void *unused)
{
    (void)unused;
    CHECK_IS(sleep_until(FOREVER), -ECANCELED);
}

static void forever(void)
{
    struct tasklet *t = worker("A", sleep_forever, NULL);

    sleep_ms(suite_exact() ? 100000 : 10);
    CHECK_IS(tasklet_state(t), TASKLET_WAITING);
    tasklet_cancel(t);
}

// The host counts nanoseconds: 2^32 of them are 4.29 seconds.
static void across_wraps(void)
{
    static const uint32_t spans[] = { 1, 4294, 4295, 2147, 2148, 8590, 30000, 3600000 };

    if (!suite_exact()) {
        return;
    }
    for (size_t i = 0; i < sizeof spans / sizeof spans[0]; i++) {
        for (int repeat = 0; repeat < 4; repeat++) {
            deadline_t d = after_ms(spans[i]);

            CHECK_IS(sleep_until(d), 0);
            CHECK(suite_on_time(d));
        }
    }
    CHECK((time_now() >> 32) > 3000);
}

// Short steps, so that the counter wraps between two of them.
static void short_steps_across_a_wrap(void)
{
    if (!suite_exact()) {
        return;
    }
    uint64_t start = time_now(), wrap = (start >> 32) + 2;

    while (time_now() >> 32 < wrap) {
        deadline_t d = after_us(999);

        sleep_until(d);
        CHECK(suite_on_time(d));
    }
}

int main(void)
{
    static const struct suite_case cases[] = {
        CASE(spans_are_rounded_up),
        CASE(deadlines_are_from_now),
        CASE(monotonic),
        CASE(microseconds),
        CASE(never_early),
        CASE(nowait),
        CASE(equal_deadlines),
        CASE(past_among_future),
        CASE(forever),
        CASE(across_wraps),
        CASE(short_steps_across_a_wrap),
        CASE(in_the_past),
        CASE(in_the_past_after_a_long_idle_time),
    };

    SUITE_RUN("time", cases);
}

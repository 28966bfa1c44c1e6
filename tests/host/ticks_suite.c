// SPDX-License-Identifier: MIT
//
// Time on a board with a watch crystal: the clock does not count whole ticks per millisecond, and often reads
// the same twice.
#undef TICK_HZ
#define TICK_HZ 32768
#include "kernel/time.h"

#include "tests/kernel/suite.h"

// Never shorter than asked for, and longer by a tick and `per_million` at most.
static void check_span(uint64_t ticks, uint32_t span, uint32_t per_second, uint64_t per_million)
{
    uint64_t exact = ((uint64_t)span * TICK_HZ + per_second - 1) / per_second;

    CHECK(ticks >= exact);
    CHECK(ticks <= exact + 1 + exact * per_million / 1000000);
}

static void milliseconds(void)
{
    CHECK_IS(ticks_from_ms(0), 0);
    CHECK_IS(ticks_from_ms(1), 33);
    CHECK_IS(ticks_from_ms(1000), 32769);
    for (uint32_t ms = 1; ms < 1000000; ms += 7) {
        check_span(ticks_from_ms(ms), ms, 1000, 20);
    }
    check_span(ticks_from_ms(UINT32_MAX), UINT32_MAX, 1000, 20);
}

static void microseconds(void)
{
    CHECK_IS(ticks_from_us(0), 0);
    CHECK_IS(ticks_from_us(1), 1);
    CHECK_IS(ticks_from_us(31), 2); // one tick is 30.5
    for (uint32_t us = 1; us < 10000000; us += 77) {
        check_span(ticks_from_us(us), us, 1000000, 14000);
    }
    check_span(ticks_from_us(UINT32_MAX), UINT32_MAX, 1000000, 14000);
}

static bool stands_still;
static uint32_t counter;

uint32_t __real_clock_read(void);
uint32_t __wrap_clock_read(void);

uint32_t __wrap_clock_read(void)
{
    return stands_still ? counter : __real_clock_read();
}

// A slow counter reads the same twice: no time has passed then. One that reads less has wrapped.
static void slow_counter(void)
{
    counter = __real_clock_read();
    stands_still = true;
    uint64_t now = time_now();

    CHECK(time_now() == now);
    counter++;
    CHECK(time_now() == now + 1);
    counter -= 2;
    CHECK(time_now() == now + UINT32_MAX);
    stands_still = false;
}

int main(void)
{
    static const struct suite_case cases[] = { CASE(milliseconds), CASE(microseconds),
                                               CASE(slow_counter) };

    SUITE_RUN("ticks", cases);
}

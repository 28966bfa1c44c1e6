// SPDX-License-Identifier: MIT
//
// The strike comes while a tasklet waits for it, with others at work or without.
#include "tests/arch/sweep.h"

#include <errno.h>

#include "kernel/arch.h"
#include "kernel/semaphore.h"

enum {
    TIMERS = 8,
    AROUND = 700 // ticks to the one of two that does not move
};

static void strike_wakes(uint32_t ticks)
{
    for (unsigned turns = ticks % 4; turns > 0; turns--) {
        tasklet_yield(); // so that the others are elsewhere
    }
    deadline_t limit = after_ms(LIMIT_MS);
    uint32_t before = strikes;

    strike_at(ticks);
    check(signal_wait(&sig, limit) == 0, "the raise was lost", ticks);
    check_once(before, ticks);
}

static void strike_wakes_forever(uint32_t ticks)
{
    uint32_t before = strikes;

    strike_at(ticks);
    check(signal_wait(&sig, FOREVER) == 0, "the raise was lost", ticks);
    check_once(before, ticks);
}

static void yielder(void *unused)
{
    (void)unused;
    while (!over) {
        tasklet_yield();
    }
}

// Always finds a unit, and asks in vain for what it does not wait for: it goes on until its credit is
// spent.
static void taker(void *unused)
{
    static struct semaphore sem = SEMAPHORE_INIT(sem, "sem", 0);
    static struct signal never = SIGNAL_INIT(never, "never");

    (void)unused;
    while (!over) {
        check(signal_wait(&never, NOWAIT) == -EAGAIN, "never raised", 0);
        semaphore_give(&sem);
        check(semaphore_take(&sem, FOREVER) == 0, "take", 0);
    }
}

static void begin_yielders(void)
{
    helper(0, yielder);
    helper(1, yielder);
    helper(2, taker);
}

static void begin_above(void)
{
    begin_yielders();
    tasklet_set_priority(tasklet_self(), PRIORITY_HIGH);
}

static void end_above(void)
{
    tasklet_set_priority(tasklet_self(), PRIORITY_NORMAL);
    end_helpers();
}

// Deadlines that are nearer, and farther away, than the one before: timers move both ways, and fire
// for nothing.
static struct semaphore to_ping = SEMAPHORE_INIT(to_ping, "to ping", 0);
static struct semaphore to_pong = SEMAPHORE_INIT(to_pong, "to pong", 0);
static uint32_t rounds;

static deadline_t varying(void)
{
    static const uint16_t us[] = { 9000, 3000, 700, 5000 };

    return after_us(us[rounds % 4]);
}

static void ping(void *unused)
{
    (void)unused;
    while (!over) {
        semaphore_give(&to_pong);
        check(semaphore_take(&to_ping, varying()) == 0, "ping", rounds);
        rounds++;
    }
    semaphore_give(&to_pong);
}

static void pong(void *unused)
{
    (void)unused;
    while (!over) {
        check(semaphore_take(&to_pong, varying()) == 0, "pong", rounds);
        semaphore_give(&to_ping);
    }
    semaphore_take(&to_pong, NOWAIT);
    semaphore_take(&to_ping, NOWAIT);
}

static void begin_ping_pong(void)
{
    helper(0, ping);
    helper(1, pong);
}

// A sleep that ends around the strike: both come.
static struct semaphore go = SEMAPHORE_INIT(go, "go", 0), done = SEMAPHORE_INIT(done, "done", 0);
static deadline_t bedtime;

static void sleeper(void *unused)
{
    (void)unused;
    while (semaphore_take(&go, FOREVER) == 0 && !over) {
        check(sleep_until(bedtime) == 0 && time_now() >= bedtime.ticks, "sleep", 0);
        semaphore_give(&done);
    }
}

static void begin_sleeper(void)
{
    helper(0, sleeper);
    tasklet_yield();
}

static void end_sleeper(void)
{
    over = true;
    semaphore_give(&go);
    end_helpers();
}

static void sleep_and_strike(uint32_t sleep, uint32_t strike)
{
    deadline_t limit = after_ms(LIMIT_MS);
    uint32_t before = strikes;

    semaphore_give(&go);
    bedtime = after_ticks(sleep);
    strike_at(strike);
    check(signal_wait(&sig, limit) == 0, "the raise was lost", strike);
    check(semaphore_take(&done, limit) == 0, "the sleep never ends", sleep);
    check_once(before, strike);
}

static void sleep_around_strike(uint32_t ticks)
{
    sleep_and_strike(ticks, AROUND);
}

static void strike_around_sleep(uint32_t ticks)
{
    sleep_and_strike(AROUND, ticks);
}

// The strike is awaited, and the deadline is near: one of the two, and no raise is lost.
static void deadline_or_strike(uint32_t deadline, uint32_t strike)
{
    uint32_t before = strikes;

    strike_at(strike);
    int result = signal_wait(&sig, after_ticks(deadline));

    check(result == 0 || result == -ETIMEDOUT, "neither", strike);
    if (result != 0) {
        check(signal_wait(&sig, after_ms(LIMIT_MS)) == 0, "the raise was lost", strike);
    }
    check_once(before, strike);
}

static void deadline_around_strike(uint32_t ticks)
{
    deadline_or_strike(ticks, AROUND);
}

static void strike_around_deadline(uint32_t ticks)
{
    deadline_or_strike(AROUND, ticks);
}

// Timers that are armed, cancelled and fire, in any order.
static struct {
    uint32_t armed, cancelled, fired;
} timers;
static struct timer storm[TIMERS];

static void fire(struct timer *t)
{
    (void)t;
    timers.fired++;
}

static void stormer(void *unused)
{
    uint32_t random = 1;

    (void)unused;
    while (!over) {
        random = random * 1664525 + 1013904223;
        struct timer *t = &storm[random >> 29];

        if (timer_cancel(t)) {
            timers.cancelled++;
        } else {
            timers.armed++;
            timer_arm(t, after_ticks(random >> 8 & 1023));
        }
        tasklet_yield();
    }
}

static void begin_timers(void)
{
    for (unsigned i = 0; i < TIMERS; i++) {
        storm[i].fire = fire;
    }
    helper(0, stormer);
}

static void end_timers(void)
{
    end_helpers();
    for (unsigned i = 0; i < TIMERS; i++) {
        timers.cancelled += timer_cancel(&storm[i]);
    }
    check(timers.fired > 0 && timers.armed == timers.fired + timers.cancelled, "timers", 0);
}

// Two handlers at once, each with a tasklet of its own.
static void two_strikes(uint32_t ticks)
{
    deadline_t limit = after_ms(LIMIT_MS);
    uint32_t before = strikes, seconds_before = seconds;

    strike_at(ticks);
    arch_trigger();
    check(signal_wait(&sig, limit) == 0, "the raise was lost", ticks);
    check_second(seconds_before, ticks);
    check_once(before, ticks);
}

static void nothing(void)
{
}

const struct scenario sweep_waits[] = {
    { "alone", nothing, strike_wakes, nothing, 1500 },
    { "forever", nothing, strike_wakes_forever, nothing, 1500 },
    { "yielders", begin_yielders, strike_wakes, end_helpers, 3000 },
    { "above", begin_above, strike_wakes, end_above, 3000 },
    { "ping_pong", begin_ping_pong, strike_wakes, end_helpers, 4000 },
    { "sleep_around_strike", begin_sleeper, sleep_around_strike, end_sleeper, 4 * AROUND },
    { "strike_around_sleep", begin_sleeper, strike_around_sleep, end_sleeper, 4 * AROUND },
    { "deadline_around_strike", nothing, deadline_around_strike, nothing, 4 * AROUND },
    { "strike_around_deadline", nothing, strike_around_deadline, nothing, 4 * AROUND },
    { "timers", begin_timers, strike_wakes, end_timers, 4000 },
    { "two_strikes", begin_computing, two_strikes, end_computing, 1500 },
    { .name = NULL },
};

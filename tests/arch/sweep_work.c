// SPDX-License-Identifier: MIT
//
// The strike comes while a tasklet is at work: it spawns, cancels, joins, times out, arms timers.
#include "tests/arch/sweep.h"

#include <errno.h>

#include "kernel/arch.h"
#include "kernel/semaphore.h"
#include "tests/arch/regs.h"

enum {
    TIMERS = 8,
    CHILD_STACK = 256,
    NEAR = 5000, // ticks: time enough to be woken once, and
    FAR = 7000   // to wait for what was to come at NEAR
};

static struct semaphore never_given = SEMAPHORE_INIT(never_given, "never given", 0);
static TASKLET_MEMORY(child_memory, CHILD_STACK);
static struct timer storm[TIMERS];

static void fire(struct timer *t)
{
    (void)t;
}

static void child(void *arg)
{
    regs_set_rounding(2);
    if (arg != NULL) {
        check(semaphore_take(&never_given, after_ms(LIMIT_MS)) == -ECANCELED, "cancel", 0);
    }
}

// Yields `turns` times before the child is cancelled: it waits then, or did not run yet.
static void cancel_child(unsigned turns)
{
    struct tasklet *t =
        tasklet_spawn("child", child, child_memory, child_memory, sizeof child_memory);

    while (turns-- > 0) {
        tasklet_yield();
    }
    check(tasklet_cancel(t) == 0, "cancel", 0);
    check(tasklet_join(t, after_ms(LIMIT_MS)) == 0, "join", 0);
}

static void cancel_waiting(void)
{
    cancel_child(1);
}

static void cancel_first(void)
{
    cancel_child(0);
}

static void spawn(void)
{
    struct tasklet *t = tasklet_spawn("child", child, NULL, child_memory, sizeof child_memory);

    check(tasklet_join(t, FOREVER) == 0, "join", 0);
}

// The credit is spent, so others have a turn before the wait.
static void time_out(void)
{
    uint64_t from = time_now();

    sched.credit = 0;
    check(semaphore_take(&never_given, after_ticks(300)) == -ETIMEDOUT, "timeout", 0);
    check(semaphore_take(&never_given, NOWAIT) == -EAGAIN, "no wait", 0);
    check(time_now() - from >= 300, "too early", 0);
    sched.credit = 0;
    check(sleep_until(NOWAIT) == 0, "sleep", 0);
    check(sleep_until(after_ticks(100)) == 0, "sleep", 0);
}

// A deadline that is farther than the timer that is still armed, one that has passed, and the earliest
// of all timers, which is cancelled.
static void deadlines(void)
{
    uint64_t from = time_now();

    signal_raise(&own);
    tasklet_yield();
    sched.credit = 0; // others have a turn first
    check(signal_wait(&own, FOREVER) == 0, "the own raise was lost", 0);
    check(sleep_until((deadline_t){ from + 400 }) == 0, "sleep", 0);
    sched.credit = 0;
    check(sleep_until((deadline_t){ from + 200 }) == 0, "sleep", 0);
    storm[0].fire = fire;
    timer_arm(&storm[0], after_ticks(1000));
    timer_cancel(&storm[0]);
}

// Both pollers are kicked when the scheduler looks.
static void two_raised(void)
{
    uint32_t before = seconds;

    signal_raise(&own);
    arch_trigger();
    check_second(before, 0);
    check(signal_wait(&own, after_ms(LIMIT_MS)) == 0, "the own raise was lost", 0);
}

// Each earlier than the one before; some fire.
static void timers(void)
{
    uint64_t from = time_now();

    for (unsigned i = 0; i < TIMERS; i++) {
        storm[i].fire = fire;
        timer_arm(&storm[i], (deadline_t){ from + 3000 - i * 100 });
    }
    check(sleep_until((deadline_t){ from + 2600 }) == 0, "sleep", 0);
    for (unsigned i = 0; i < TIMERS; i++) {
        timer_cancel(&storm[i]);
    }
}

static void raise_own(struct timer *t)
{
    (void)t;
    signal_raise(&own);
}

static void own_after(uint32_t ticks, deadline_t limit)
{
    static struct timer timer = TIMER_INIT(raise_own);

    timer_arm(&timer, after_ticks(ticks));
    check(signal_wait(&own, limit) == 0, "the own raise was lost", ticks);
}

// The timer of a wait that ended early stays armed. It fires while a wait with a later deadline goes
// on, while one without limit does, and while nobody waits.
static void later(void)
{
    own_after(100, after_ticks(NEAR));
    own_after(FAR, after_ms(LIMIT_MS));
}

static void without_limit(void)
{
    own_after(100, after_ticks(NEAR));
    own_after(FAR, FOREVER);
}

static void yield_for(uint32_t ticks)
{
    for (uint64_t end = time_now() + ticks; time_now() < end;) {
        tasklet_yield();
    }
}

static void without_wait(void)
{
    own_after(100, after_ticks(NEAR));
    yield_for(FAR);
}

// And the alarm is set anew while it still stands first.
static void timer_between(void)
{
    static struct timer between = TIMER_INIT(fire);

    own_after(100, after_ticks(2 * NEAR));
    timer_arm(&between, after_ticks(400));
    yield_for(NEAR / 2);
}

const struct work sweep_works[] = {
    { "cancel_waiting", cancel_waiting, 8000 },
    { "cancel_first", cancel_first, 8000 },
    { "spawn", spawn, 8000 },
    { "time_out", time_out, 7000 },
    { "deadlines", deadlines, 8000 },
    { "later", later, 9000 },
    { "without_limit", without_limit, 9000 },
    { "without_wait", without_wait, 9000 },
    { "timer_between", timer_between, 7500 },
    { "timers_fire", timers, 8000 },
    { "two_raised", two_raised, 6000 },
    { .name = NULL },
};

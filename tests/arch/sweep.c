// SPDX-License-Identifier: MIT
//
// An interrupt at every instruction boundary. Each scenario runs some thousand times, and each time the
// strike comes a tick later; its handler raises a signal that a tasklet waits for. No raise may be
// lost or count twice, whatever it interrupts: a yield, a wait, a wake-up, a timer, the way to sleep.
// For the emulators' virtual time; test_sweep.py runs it and adds up which instructions were hit.
#include <errno.h>

#include "kernel/semaphore.h"
#include "kernel/signal.h"
#include "kernel/switch.h"
#include "kernel/tasklet.h"
#include "tests/arch/regs.h"
#include "tests/arch/strike.h"
#include "tests/arch/verdict.h"

enum {
    HELPERS = 3,
    HELPER_STACK = 768,
    CHILD_STACK = 256,
    LIMIT_MS = 50,    // a raise that was lost is given up after this
    WATCH = 10000000, // ticks, many times that limit
    ENOUGH = 5,       // failures, and the sweep ends
    TIMERS = 8,
    TEXT = 64 * 1024, // bytes of program at most, of which hits are noted
    ROW = 8           // words of hits in a line of the report
};

static struct signal sig = SIGNAL_INIT(sig, "strike");
static struct signal second = SIGNAL_INIT(second, "second strike");
static volatile uint32_t strikes, seconds;

static volatile bool over;
static struct tasklet *helpers[HELPERS];
static TASKLET_MEMORY(helper_memory[HELPERS], HELPER_STACK);

// ---- Where the strikes came ----

extern char __image_start[];
static uint32_t hits[TEXT / 2 / 32]; // a bit per halfword

static volatile bool expected; // a strike, and not the end of the watch

static void strike_at(uint32_t ticks)
{
    expected = true;
    strike_arm(ticks);
}

// After each strike it keeps watch: if no other is ordered for long, the alarm itself was lost.
void strike_hit(uintptr_t pc)
{
    uintptr_t at = (pc - (uintptr_t)__image_start) / 2;

    if (!expected) {
        panic("a wake-up was lost: nothing moves any more");
    }
    expected = false;
    if (at < TEXT / 2) {
        hits[at / 32] |= UINT32_C(1) << at % 32;
    }
    strikes++;
    signal_raise(&sig);
    strike_arm(WATCH);
}

void software_interrupt(void)
{
    signal_raise(&second);
}

static void report_hits(void)
{
    for (unsigned row = 0; row < TEXT / 64; row += ROW) {
        uint32_t any = 0;

        for (unsigned i = 0; i < ROW; i++) {
            any |= hits[row + i];
        }
        if (any == 0) {
            continue;
        }
        uart_printf(board_uarts[0],
                    "hits %lx:", (unsigned long)(uintptr_t)(__image_start + row * 64));
        for (unsigned i = 0; i < ROW; i++) {
            uart_printf(board_uarts[0], " %lx", (unsigned long)hits[row + i]);
        }
        uart_printf(board_uarts[0], "\r\n");
    }
}

// ---- What went wrong ----

static struct {
    unsigned count;
    const char *first; // the first that did, and when the strike was to come
    uint32_t ticks;
} wrong;

static void check(bool condition, const char *text, uint32_t ticks)
{
    if (!condition && wrong.count++ == 0) {
        wrong.first = text;
        wrong.ticks = ticks;
    }
}

static bool linked(const struct list *l)
{
    return l->next->prev == l && l->prev->next == l;
}

// How many stand in the run queue of a level; a number that is too high if it is not sound.
static unsigned count_ready(unsigned level)
{
    struct tasklet *first = level == sched.level ? sched.current : sched.head[level], *t = first;
    unsigned count = 0;

    if (first == NULL) {
        return 0;
    }
    do {
        count +=
            linked(&t->waiter.link) && t->state == TASKLET_READY && t->level == level ? 1 : 1000;
        t = container_of(t->waiter.link.next, struct tasklet, waiter.link);
    } while (t != first && count < 1000);
    return count;
}

// Every tasklet is where its state says: in the run queue of its level, or in a wait queue with a timer
// that comes in time.
static bool all_sound(void)
{
    unsigned ready = 0, in_queues = 0;

    for (struct list *l = tasklet_all.next; l != &tasklet_all; l = l->next) {
        const struct tasklet *t = container_of(l, struct tasklet, all);

        ready += t->state == TASKLET_READY;
        if (!linked(l) || !linked(&t->waiter.link) ||
            (timer_armed(&t->timer) && !linked(&t->timer.link))) {
            return false;
        }
        if (t->state == TASKLET_WAITING && t->deadline != UINT64_MAX &&
            !(timer_armed(&t->timer) && t->timer.when <= t->deadline)) {
            return false;
        }
    }
    for (unsigned level = 0; level < SCHED_LEVELS; level++) {
        in_queues += count_ready(level);
    }
    return ready == in_queues;
}

// ---- The scenarios ----

static void helper(unsigned i, void (*fn)(void *))
{
    helpers[i] = tasklet_spawn("helper", fn, NULL, helper_memory[i], sizeof helper_memory[i]);
}

static void end_helpers(void)
{
    over = true;
    for (unsigned i = 0; i < HELPERS; i++) {
        if (helpers[i] != NULL) {
            check(tasklet_join(helpers[i], after_ms(LIMIT_MS)) == 0, "a helper does not end", 0);
            helpers[i] = NULL;
        }
    }
    over = false;
}

static void check_once(uint32_t before, uint32_t ticks)
{
    check(strikes == before + 1, "not one strike", ticks);
    check(signal_wait(&sig, NOWAIT) == -EAGAIN, "raised twice", ticks);
    check(all_sound(), "a queue is damaged", ticks);
}

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

// Always finds a unit, so that it goes on until its credit is spent.
static void taker(void *unused)
{
    static struct semaphore sem = SEMAPHORE_INIT(sem, "sem", 0);

    (void)unused;
    while (!over) {
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

enum { AROUND = 700 }; // ticks to the one that does not move

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
static void second_waiter(void *unused)
{
    (void)unused;
    while (signal_wait(&second, FOREVER) == 0 && !over) {
        seconds++;
    }
}

static void begin_two(void)
{
    helper(0, second_waiter);
    tasklet_yield();
}

static void end_two(void)
{
    over = true;
    arch_trigger();
    end_helpers();
}

static void two_strikes(uint32_t ticks)
{
    deadline_t limit = after_ms(LIMIT_MS);
    uint32_t before = strikes, seconds_before = seconds;

    strike_at(ticks);
    arch_trigger();
    check(signal_wait(&sig, limit) == 0, "the raise was lost", ticks);
    for (unsigned n = 0; n < 4 && seconds == seconds_before; n++) {
        tasklet_yield();
    }
    check(seconds == seconds_before + 1, "the second raise was lost", ticks);
    check_once(before, ticks);
}

// Whatever else a tasklet does, with a strike somewhere in it.
static struct semaphore never_given = SEMAPHORE_INIT(never_given, "never given", 0);
static struct signal own = SIGNAL_INIT(own, "own");
static TASKLET_MEMORY(child_memory, CHILD_STACK);

// Uses floating point, where there is any, so that switches to and from it take the long way.
static void computing_waiter(void *unused)
{
    (void)unused;
    regs_set_rounding(1);
    uint32_t mode = regs_rounding();

    while (signal_wait(&second, FOREVER) == 0 && !over) {
        seconds++;
        check(regs_rounding() == mode, "the rounding mode", seconds);
    }
}

static void begin_work(void)
{
    helper(0, computing_waiter);
    helper(1, yielder);
    tasklet_yield();
}

static void begin_work_alone(void)
{
    helper(0, computing_waiter);
    tasklet_yield();
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

static void work_cancel(void)
{
    cancel_child(1);
}

static void work_cancel_first(void)
{
    cancel_child(0);
}

static void work_spawn(void)
{
    struct tasklet *t = tasklet_spawn("child", child, NULL, child_memory, sizeof child_memory);

    check(tasklet_join(t, FOREVER) == 0, "join", 0);
}

// The credit is spent, so others have a turn before the wait.
static void work_timeout(void)
{
    uint64_t from = time_now();

    sched.credit = 0;
    check(semaphore_take(&never_given, after_ticks(300)) == -ETIMEDOUT, "timeout", 0);
    check(semaphore_take(&never_given, NOWAIT) == -EAGAIN, "no wait", 0);
    check(time_now() - from >= 300, "too early", 0);
    check(sleep_until(after_ticks(100)) == 0, "sleep", 0);
}

// A deadline that is farther than the timer that is still armed, and one that has passed.
static void work_deadlines(void)
{
    uint64_t from = time_now();

    signal_raise(&own);
    tasklet_yield();
    sched.credit = 0; // others have a turn first
    check(signal_wait(&own, FOREVER) == 0, "the own raise was lost", 0);
    check(sleep_until((deadline_t){ from + 400 }) == 0, "sleep", 0);
    check(sleep_until((deadline_t){ from + 200 }) == 0, "sleep", 0);
}

// Both pollers are kicked when the scheduler looks.
static void work_two_raised(void)
{
    uint32_t before = seconds;

    signal_raise(&own);
    arch_trigger();
    for (unsigned n = 0; n < 4 && seconds == before; n++) {
        tasklet_yield();
    }
    check(seconds == before + 1, "the second raise was lost", before);
    check(signal_wait(&own, after_ms(LIMIT_MS)) == 0, "the own raise was lost", before);
}

// Each earlier than the one before; some fire.
static void work_timers(void)
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
static void work_later(void)
{
    own_after(100, after_ticks(4000));
    own_after(6000, after_ms(LIMIT_MS));
}

static void work_without_limit(void)
{
    own_after(100, after_ticks(4000));
    own_after(6000, FOREVER);
}

static void yield_for(uint32_t ticks)
{
    for (uint64_t end = time_now() + ticks; time_now() < end;) {
        tasklet_yield();
    }
}

static void work_without_wait(void)
{
    own_after(100, after_ticks(4000));
    yield_for(5000);
}

// And the alarm is set anew while it still stands first.
static void work_timer_between(void)
{
    static struct timer between = TIMER_INIT(fire);

    own_after(100, after_ticks(8000));
    timer_arm(&between, after_ticks(400));
    yield_for(1500);
}

static void work(uint32_t ticks)
{
    static void (*const parts[])(void) = {
        work_cancel,        work_cancel_first, work_spawn,         work_timeout,
        work_deadlines,     work_later,        work_without_limit, work_without_wait,
        work_timer_between, work_timers,       work_two_raised,
    };

    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        uint32_t before = strikes;

        strike_at(ticks);
        parts[i]();
        check(signal_wait(&sig, after_ms(LIMIT_MS)) == 0, "the raise was lost", ticks);
        check_once(before, ticks);
    }
}

static void nothing(void)
{
}

int main(void)
{
    static const struct {
        const char *name;
        void (*begin)(void);
        void (*run)(uint32_t ticks);
        void (*end)(void);
        uint32_t ticks; // the strike comes at 1, 2, ... to this
    } scenarios[] = {
        { "alone", nothing, strike_wakes, nothing, 1500 },
        { "yielders", begin_yielders, strike_wakes, end_helpers, 3000 },
        { "above", begin_above, strike_wakes, end_above, 3000 },
        { "ping_pong", begin_ping_pong, strike_wakes, end_helpers, 4000 },
        { "sleep_around_strike", begin_sleeper, sleep_around_strike, end_sleeper, 4 * AROUND },
        { "strike_around_sleep", begin_sleeper, strike_around_sleep, end_sleeper, 4 * AROUND },
        { "deadline_around_strike", nothing, deadline_around_strike, nothing, 4 * AROUND },
        { "strike_around_deadline", nothing, strike_around_deadline, nothing, 4 * AROUND },
        { "timers", begin_timers, strike_wakes, end_timers, 4000 },
        { "work", begin_work, work, end_two, 6500 },
        { "work_alone", begin_work_alone, work, end_two, 6500 },
        { "two_strikes", begin_two, two_strikes, end_two, 1500 },
        { "forever", nothing, strike_wakes_forever, nothing, 1500 },
    };
    const size_t count = sizeof scenarios / sizeof scenarios[0]; // the first that fails ends it

    panic_hook = verdict_panic;
    strike_init();
    signal_register(&sig);
    signal_register(&second);
    signal_register(&own);
    for (size_t i = 0; i < count && verdicts_failed == 0; i++) {
        scenarios[i].begin();
        for (uint32_t ticks = 1; ticks <= scenarios[i].ticks && wrong.count < ENOUGH; ticks++) {
            scenarios[i].run(ticks);
        }
        if (wrong.count == 0) {
            scenarios[i].end();
        }
        verdict(scenarios[i].name, wrong.count == 0);
        if (wrong.count > 0) {
            uart_printf(board_uarts[0], "  %u wrong, first: %s, at %u ticks\r\n", wrong.count,
                        wrong.first, (unsigned)wrong.ticks);
        }
    }
    expected = true; // the watch is over
    report_hits();
    uart_printf(board_uarts[0], "strikes %u\r\n", (unsigned)strikes);
    verdict_end("sweep");
}

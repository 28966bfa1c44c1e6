// SPDX-License-Identifier: MIT
//
// An interrupt at every instruction boundary. Each scenario runs some thousand times, and each time the
// strike comes a tick later; its handler raises a signal that a tasklet waits for. No raise may be
// lost or count twice, whatever it interrupts: a yield, a wait, a wake-up, a timer, the way to sleep.
// For the emulators' virtual time; test_sweep.py runs it and adds up which instructions were hit.
#include "tests/arch/sweep.h"

#include <errno.h>

#include "kernel/switch.h"
#include "tests/arch/regs.h"
#include "tests/arch/strike.h"
#include "tests/arch/verdict.h"

enum {
    WATCH = 10000000, // ticks, many times the limit
    ENOUGH = 5,       // failures, and the sweep ends
    TEXT = 64 * 1024, // bytes of program at most, of which hits are noted
    ROW = 8           // words of hits in a line of the report
};

struct signal sig = SIGNAL_INIT(sig, "strike");
struct signal second = SIGNAL_INIT(second, "second strike");
struct signal own = SIGNAL_INIT(own, "own");
volatile uint32_t strikes, seconds;
volatile bool over;

static struct tasklet *helpers[HELPERS];
static TASKLET_MEMORY(helper_memory[HELPERS], HELPER_STACK);

// ---- Where the strikes came ----

extern char __image_start[];
static uint32_t hits[TEXT / 2 / 32]; // a bit per halfword

static volatile bool expected; // a strike, and not the end of the watch

void strike_at(uint32_t ticks)
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

void check(bool condition, const char *text, uint32_t ticks)
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
    struct tasklet *first = sched_ring[level], *t = first;
    unsigned count = 0;

    if (first == NULL) {
        return 0;
    }
    do {
        count +=
            linked(&t->waiter.link) && tasklet_state(t) == TASKLET_READY && t->waiter.level == level
                ? 1
                : 1000;
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

        ready += tasklet_state(t) == TASKLET_READY;
        if (!linked(l) || !linked(&t->waiter.link) ||
            (timer_armed(&t->timer) && !linked(&t->timer.link))) {
            return false;
        }
        if (tasklet_state(t) == TASKLET_WAITING && (t->waiter.flags & WAIT_LIMITED) != 0 &&
            !(timer_armed(&t->timer) && t->timer.when <= t->deadline)) {
            return false;
        }
    }
    for (unsigned level = 0; level < SCHED_LEVELS; level++) {
        in_queues += count_ready(level);
    }
    return ready == in_queues;
}

void check_once(uint32_t before, uint32_t ticks)
{
    check(strikes == before + 1, "not one strike", ticks);
    check(signal_wait(&sig, NOWAIT) == -EAGAIN, "raised twice", ticks);
    check(all_sound(), "a queue is damaged", ticks);
}

// ---- Helpers ----

void helper(unsigned i, void (*fn)(void *))
{
    helpers[i] = tasklet_spawn("helper", fn, NULL, helper_memory[i], sizeof helper_memory[i]);
}

void end_helpers(void)
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

static void yielder(void *unused)
{
    (void)unused;
    while (!over) {
        tasklet_yield();
    }
}

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

void begin_computing(void)
{
    helper(0, computing_waiter);
    tasklet_yield();
}

void begin_computing_among_others(void)
{
    helper(1, yielder);
    begin_computing();
}

void end_computing(void)
{
    over = true;
    arch_trigger();
    end_helpers();
}

void check_second(uint32_t before, uint32_t ticks)
{
    for (unsigned n = 0; n < 4 && seconds == before; n++) {
        tasklet_yield();
    }
    check(seconds == before + 1, "the second raise was lost", ticks);
}

// ---- The run ----

static const struct work *working;

static void strike_during_work(uint32_t ticks)
{
    uint32_t before = strikes;

    strike_at(ticks);
    working->run();
    check(signal_wait(&sig, after_ms(LIMIT_MS)) == 0, "the raise was lost", ticks);
    check_once(before, ticks);
}

static void sweep(const struct scenario *s, uint32_t step)
{
    s->begin();
    for (uint32_t ticks = 1; ticks <= s->ticks && wrong.count < ENOUGH; ticks += step) {
        s->run(ticks);
    }
    if (wrong.count == 0) {
        s->end();
    }
}

// Long, so only every other tick; an instruction takes more than two.
static void sweep_work(const struct work *w)
{
    struct scenario s = { w->name, begin_computing, strike_during_work, end_computing, w->ticks };

    working = w;
    sweep(&s, 2);
    s.begin = begin_computing_among_others;
    if (wrong.count == 0) {
        sweep(&s, 2);
    }
}

static _Noreturn void end(void)
{
    strike_disarm();
    report_hits();
    uart_printf(board_uarts[0], "strikes %u\r\n", (unsigned)strikes);
    verdict_end("sweep");
}

// The first scenario that fails ends the run: nothing that follows can be relied on.
static void report(const char *name)
{
    verdict(name, wrong.count == 0);
    if (wrong.count > 0) {
        uart_printf(board_uarts[0], "  %u wrong, first: %s, at %u ticks\r\n", wrong.count,
                    wrong.first, (unsigned)wrong.ticks);
        end();
    }
}

int main(void)
{
    panic_hook = verdict_panic;
    strike_init();
    signal_register(&sig);
    signal_register(&second);
    signal_register(&own);
    for (const struct scenario *s = sweep_waits; s->name != NULL; s++) {
        sweep(s, 1);
        report(s->name);
    }
    for (const struct work *w = sweep_works; w->name != NULL; w++) {
        sweep_work(w);
        report(w->name);
    }
    end();
}

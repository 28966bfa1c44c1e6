// SPDX-License-Identifier: MIT
//
// Registers survive: those of the caller over a switch, all of them over an interrupt, and those of
// floating point with the rounding mode, at the price of who uses them.
#include "kernel/arch.h"
#include "kernel/sched.h"
#include "tests/arch/port.h"

enum {
    SAVED_MAX = 96 / sizeof(uintptr_t), // words in the largest set that a function preserves
    ALL_MAX = 256 / sizeof(uintptr_t),  // words in the largest set of all
    ROUNDS = 40,
    STORM_SWITCHES = 10000,
    STORM_ALARMS = 200, // that interrupted a tasklet
};

static void fill(uintptr_t *words, size_t n, uintptr_t seed)
{
    for (size_t i = 0; i < n; i++) {
        words[i] = (seed + i) * (uintptr_t)0x9E3779B97F4A7C15;
    }
}

static unsigned differences(const uintptr_t *a, const uintptr_t *b, size_t n)
{
    unsigned count = 0;

    for (size_t i = 0; i < n; i++) {
        count += a[i] != b[i];
    }
    return count;
}

unsigned saved_damaged(uintptr_t seed, void (*fn)(void))
{
    uintptr_t in[SAVED_MAX], out[SAVED_MAX];

    fill(in, SAVED_MAX, seed);
    regs_saved(in, out, fn);
    return differences(in, out, regs_port.saved);
}

unsigned saved_float_damaged(uintptr_t seed, void (*fn)(void))
{
    uintptr_t in[SAVED_MAX], out[SAVED_MAX];

    if (regs_port.saved_float == 0) {
        fn();
        return 0;
    }
    fill(in, SAVED_MAX, seed);
    regs_saved_float(in, out, fn);
    return differences(in, out, regs_port.saved_float);
}

static uintptr_t all_in[ALL_MAX], all_out[ALL_MAX];

unsigned all_damaged(uintptr_t seed, uintptr_t rounds)
{
    if (regs_port.all == 0) {
        return 0;
    }
    fill(all_in, regs_port.all, seed);
    regs_all(all_in, all_out, rounds);
    return differences(all_in, all_out, regs_port.all);
}

unsigned all_float_damaged(uintptr_t seed, uintptr_t rounds)
{
    if (regs_port.all_float == 0) {
        return 0;
    }
    fill(all_in, regs_port.all_float, seed);
    regs_all_float(all_in, all_out, rounds);
    return differences(all_in, all_out, regs_port.all_float);
}

// ---- Over a switch ----

static void (*leave)(void); // how the workers give the processor away

static unsigned damaged(struct worker *w)
{
    unsigned count = saved_damaged(w->seed++, leave);

    if (w->floats) {
        count += saved_float_damaged(w->seed++, leave);
        count += port_is(REGS_ROUNDING) && regs_rounding() != w->rounding;
    }
    return count;
}

static void registers_worker(void *arg)
{
    struct worker *w = arg;

    if (w->floats) {
        regs_set_rounding(w->rounding);
    }
    for (unsigned n = 0; n < ROUNDS; n++) {
        w->wrong += damaged(w);
    }
}

static bool registers_survive(void (*fn)(void))
{
    leave = fn;
    for (unsigned floats = 0; floats < 1 << WORKERS; floats++) {
        workers_start(WORKERS, floats, registers_worker);
        if (!workers_end(WORKERS)) {
            return false;
        }
    }
    return true;
}

bool test_registers_yield(void)
{
    return registers_survive(tasklet_yield);
}

static void hand_over(void)
{
    static struct waitq q = WAITQ_INIT(q, "hand over");

    waitq_wake_all(&q);
    wait_on(&q, "hand_over", after_us(500)); // the last one has nobody to wake it
}

bool test_registers_wait(void)
{
    return registers_survive(hand_over);
}

static void nap(void)
{
    sleep_until(after_us(50));
}

bool test_registers_timeout(void)
{
    return registers_survive(nap);
}

static void through_loop(void)
{
    sched.attention = &sched_higher;
    tasklet_yield();
}

bool test_registers_poll(void)
{
    return registers_survive(through_loop);
}

static void switch_to_itself(void)
{
    static struct tasklet t;

    arch_switch(&t, &t);
}

bool test_switch_to_itself(void)
{
    return saved_damaged(1, switch_to_itself) + saved_float_damaged(2, switch_to_itself) == 0;
}

// ---- Only who uses floating point pays for it ----

static volatile bool over;

static void rounding_user(void *arg)
{
    struct worker *w = arg;

    regs_set_rounding(w->rounding);
    while (!over) {
        tasklet_yield();
        w->wrong += regs_rounding() != w->rounding;
    }
}

// A tasklet begins in the default mode, whoever ran before it and in what mode.
static void rounding_reader(void *arg)
{
    struct worker *w = arg;

    w->wrong += regs_rounding() != 0;
}

bool test_rounding_of_new(void)
{
    bool good = true;

    if (!port_is(REGS_ROUNDING)) {
        return true;
    }
    over = false;
    workers_start(2, 3, rounding_user);
    tasklet_yield();
    for (unsigned n = 0; n < ROUNDS; n++) {
        struct worker *w = &workers[2];

        w->wrong = 0;
        w->tasklet = tasklet_spawn("reader", rounding_reader, w, arena.slots[2], SLOT);
        good = tasklet_join(w->tasklet, FOREVER) == 0 && w->wrong == 0 && good;
    }
    over = true;
    return workers_end(2) && good;
}

static void frame_worker(void *arg)
{
    struct worker *w = arg;

    while (!over) {
        if (w->floats) {
            w->wrong += saved_float_damaged(w->seed++, tasklet_yield);
        } else {
            tasklet_yield();
            w->wrong += regs_float_active();
        }
    }
}

// Where one who left floating-point state behind goes on; of a port without there is none.
extern void arch_restore_fp(void) __attribute__((weak));

static bool is_large(const struct tasklet *t)
{
    const uintptr_t *frame = t->sp;

    return arch_restore_fp != NULL && frame[ARCH_FRAME_RETURN] == (uintptr_t)arch_restore_fp;
}

static bool small_frames_now(unsigned floats)
{
    for (unsigned i = 0; i < WORKERS; i++) {
        bool large = port_is(REGS_LAZY) && (floats >> i & 1) != 0;

        if (is_large(workers[i].tasklet) != large) {
            return false;
        }
    }
    return true;
}

bool test_small_frame(void)
{
    bool good = true;

    for (unsigned floats = 0; floats < 1 << WORKERS; floats++) {
        over = false;
        workers_start(WORKERS, floats, frame_worker);
        for (unsigned n = 0; n < ROUNDS; n++) {
            tasklet_yield();
            good = small_frames_now(floats) && good;
        }
        over = true;
        good = workers_end(WORKERS) && good;
    }
    return good;
}

// ---- Over interrupts, and all of it together ----

static volatile uint32_t switches;

static void storm_worker(void *arg)
{
    struct worker *w = arg;

    if (w->floats) {
        regs_set_rounding(w->rounding);
    }
    while (!over) {
        w->wrong += all_damaged(w->seed++, 20);
        if (w->floats) {
            w->wrong += all_float_damaged(w->seed++, 20);
        } else {
            w->wrong += regs_float_active();
        }
        w->wrong += damaged(w);
        switches += w->floats ? 2 : 1;
    }
}

static bool storm_lasts(uint64_t end)
{
    return time_now() < end && (switches < STORM_SWITCHES ||
                                (port_is(REGS_MASKS) && handlers.in_tasklets < STORM_ALARMS));
}

bool test_storm(void)
{
    uint64_t end = after_ms(20000).ticks;

    over = false;
    switches = 0;
    handlers.in_tasklets = 0;
    leave = tasklet_yield;
    storm_start();
    workers_start(WORKERS, 5, storm_worker);
    while (storm_lasts(end)) {
        tasklet_yield();
    }
    over = true;
    bool good = workers_end(WORKERS);

    storm_end();
    return good && switches >= STORM_SWITCHES && handlers.triggered > 0;
}

// SPDX-License-Identifier: MIT
//
// What a switch between tasklets of a shared stack costs, by the words that are copied for it: those of who
// leaves and those of who comes. As tests/bench/bench.c, but an image of its own, for that one is without
// shared stacks.
//
//     bench NAME MIN MEDIAN
#include "boards/board.h"
#include "io/printf.h"
#include "kernel/shared_stack.h"
#include "tests/bench/stamp.h"

enum { SAMPLES = 200, WARM_UP = 8 };

static SAVE_AREA(area, 8192);
static STACK(stack, 3072, &area);
static struct shared_tasklet talks[2];
static TASKLET_MEMORY(memory, 512);

static uint32_t samples[SAMPLES], overhead;
static volatile uint32_t begun;
static volatile unsigned taken;

static void lap(void)
{
    uint32_t n = instructions(begun, stamp());

    if (taken >= WARM_UP && taken < WARM_UP + SAMPLES) {
        samples[taken - WARM_UP] = n - overhead;
    }
    taken++;
}

static void sort(void)
{
    for (unsigned i = 1; i < SAMPLES; i++) {
        uint32_t v = samples[i];
        unsigned j = i;

        for (; j > 0 && samples[j - 1] > v; j--) {
            samples[j] = samples[j - 1];
        }
        samples[j] = v;
    }
}

static void report(const char *name, unsigned words)
{
    sort();
    uart_printf(board_uarts[0], "bench %s_%u %u %u\r\n", name, words, (unsigned)samples[0],
                (unsigned)samples[SAMPLES / 2]);
    uart_flush(board_uarts[0], FOREVER);
    taken = 0;
}

// What a switch copies: the chunks of who leaves, and as many of who comes, who waits at the same depth.
static unsigned words_copied(void)
{
    const struct shared_tasklet *other = stack.resident == &talks[0] ? &talks[1] : &talks[0];

    return (unsigned)(2 * SAVE_CHUNKS((size_t)(stack.top - (unsigned char *)other->sp)) *
                      SAVE_CHUNK / sizeof(uintptr_t));
}

static unsigned words;

static void yield_until_enough(bool copied)
{
    while (taken < WARM_UP + SAMPLES) {
        begun = stamp();
        tasklet_yield();
        lap();
        if (copied && taken == WARM_UP) {
            words = words_copied();
        }
    }
}

static void __attribute__((noinline)) yield_below(unsigned depth)
{
    volatile unsigned here[4] = { depth };

    if (depth == 0) {
        yield_until_enough(true);
    } else {
        yield_below(depth - 1);
    }
    here[1] = here[0];
}

static void yielder(void *depth)
{
    yield_below((unsigned)(uintptr_t)depth);
}

static void own_yielder(void *unused)
{
    (void)unused;
    yield_until_enough(false);
}

static void bench_swap(unsigned depth)
{
    void *arg = (void *)(uintptr_t)depth;

    tasklet_spawn_on(&stack, "A", yielder, arg, &talks[0]);
    tasklet_spawn_on(&stack, "B", yielder, arg, &talks[1]);
    tasklet_join(&talks[0].tasklet, FOREVER);
    tasklet_join(&talks[1].tasklet, FOREVER);
    report("swap", words);
}

// With one on a stack of its own: nobody has to be moved.
static void bench_resident(void)
{
    struct tasklet *own;

    tasklet_spawn_on(&stack, "A", own_yielder, NULL, &talks[0]);
    own = tasklet_spawn("B", own_yielder, NULL, memory, sizeof memory);
    tasklet_join(&talks[0].tasklet, FOREVER);
    tasklet_join(own, FOREVER);
    report("resident", 0);
}

int main(void)
{
    static const unsigned depths[] = { 0, 3, 8, 20, 40 };

    while (taken < WARM_UP + SAMPLES) {
        begun = stamp();
        lap();
    }
    sort();
    overhead = samples[0];
    taken = 0;
    bench_resident();
    for (unsigned i = 0; i < sizeof depths / sizeof depths[0]; i++) {
        bench_swap(depths[i]);
    }
    arch_exit(0);
}

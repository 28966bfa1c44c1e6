// SPDX-License-Identifier: MIT
//
// What the kernel's operations cost, in instructions: the harness. See bench.h.
#include "tests/bench/bench.h"

#include "boards/board.h"
#include "io/printf.h"
#include "kernel/arch.h"

enum { SAMPLES = 200, WARM_UP = 8 };

static uint32_t samples[SAMPLES];
static unsigned taken;                         // with those of warming up
static uint32_t sample_overhead, lap_overhead; // of two stamps: in one function; of a lap
volatile uint32_t begun;

static void take(uint32_t from, uint32_t to, uint32_t overhead)
{
    if (taken >= WARM_UP && taken < WARM_UP + SAMPLES) {
        samples[taken - WARM_UP] = instructions(from, to) - overhead;
    }
    taken++;
}

void sample(uint32_t from, uint32_t to)
{
    take(from, to, sample_overhead);
}

void sample_lap(uint32_t now)
{
    take(begun, now, lap_overhead);
}

bool enough(void)
{
    return taken >= WARM_UP + SAMPLES;
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

static void print(const char *name, uint32_t least, uint32_t median)
{
    uart_printf(board_uarts[0], "bench %s %u %u\r\n", name, (unsigned)least, (unsigned)median);
    uart_flush(board_uarts[0], FOREVER);
}

void report(const char *name)
{
    sort();
    print(name, samples[0], samples[SAMPLES / 2]);
    taken = 0;
}

void report_count(const char *name, uint32_t count)
{
    print(name, count, count);
}

// ---- The crowd ----

unsigned char crowd_memory[CROWD][(TASKLET_MEMORY_MIN + CROWD_STACK + 31) / 32 * 32]
    __attribute__((aligned(32)));
static struct tasklet *crowd[CROWD];
volatile bool crowd_ends;

void start_crowd(unsigned n, void (*fn)(void *), void *arg)
{
    crowd_ends = false;
    for (unsigned i = 0; i < n; i++) {
        crowd[i] = tasklet_spawn("crowd", fn, arg, crowd_memory[i], sizeof crowd_memory[i]);
    }
}

void end_crowd(unsigned n)
{
    crowd_ends = true;
    for (unsigned i = 0; i < n; i++) {
        tasklet_join(crowd[i], FOREVER);
    }
}

// ---- What the stamps cost ----

static void measure_overheads(void)
{
    while (!enough()) {
        uint32_t from = stamp();

        sample(from, stamp());
    }
    sort();
    sample_overhead = samples[0];
    report("stamp");
    while (!enough()) {
        begun = stamp();
        lap();
    }
    sort();
    lap_overhead = samples[0];
    report("lap");
}

// What is known beforehand shows that the scale is right.
#define TEN_NOPS "nop\n\tnop\n\tnop\n\tnop\n\tnop\n\tnop\n\tnop\n\tnop\n\tnop\n\tnop\n\t"

static void measure_nops(void)
{
    while (!enough()) {
        uint32_t from = stamp();

        __asm__ volatile(TEN_NOPS TEN_NOPS TEN_NOPS TEN_NOPS TEN_NOPS);
        __asm__ volatile(TEN_NOPS TEN_NOPS TEN_NOPS TEN_NOPS TEN_NOPS);
        sample(from, stamp());
    }
    report("nops_100");
}

int main(void)
{
    measure_overheads();
    measure_nops();
    bench_yields();
    bench_messages();
    bench_lives();
    bench_timers();
    bench_interrupts();
    bench_thread_metric();
    arch_exit(0);
}

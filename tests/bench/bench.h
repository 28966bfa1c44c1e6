// SPDX-License-Identifier: MIT
//
// What the parts of the benchmark share: samples between two stamps, and a crowd of tasklets.
//
// A row is sampled 200 times after a few rounds of warming up, and printed as
//
//     bench NAME MIN MEDIAN
//
// which are the same where nothing interferes. The cost of the two stamps themselves is subtracted.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "kernel/tasklet.h"
#include "tests/bench/stamp.h"

enum { CROWD = 1000, CROWD_STACK = 192 };

// The stamp that lap() begins from: of another tasklet, or of an interrupt.
extern volatile uint32_t begun;

// A sample between two stamps in one function.
void sample(uint32_t from, uint32_t to);

// A sample from `begun` to now.
void sample_lap(uint32_t now);

static inline void lap(void)
{
    uint32_t now = stamp();

    sample_lap(now);
}

// Are there samples enough? Then report() prints the row and begins the next.
bool enough(void);
void report(const char *name);

// Prints a row that was counted otherwise.
void report_count(const char *name, uint32_t count);

// Up to CROWD tasklets that run fn(arg), which returns once crowd_ends is true.
extern volatile bool crowd_ends;
void start_crowd(unsigned n, void (*fn)(void *), void *arg);
void end_crowd(unsigned n);

// Memory for one more tasklet.
extern unsigned char crowd_memory[CROWD][(TASKLET_MEMORY_MIN + CROWD_STACK + 31) / 32 * 32];

// The parts.
void bench_yields(void);
void bench_messages(void);
void bench_lives(void);
void bench_timers(void);
void bench_interrupts(void);
void bench_thread_metric(void);

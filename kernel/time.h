// SPDX-License-Identifier: MIT
//
// Time: monotonic, 64-bit, counted in ticks of the board's clock, which are a microsecond or finer
// where the hardware allows (TICK_HZ says). Nothing ticks: the clock is a free-running counter, and
// its alarm is set for the next deadline only.
//
// A call that waits takes a deadline, not a timeout: a point in time, so that a loop or a chain of
// calls shares one limit without arithmetic:
//
//     deadline_t limit = after_ms(500);
//     if (uart_read(u, head, 4, limit) == 4) { uart_read(u, body, length, limit); }
#pragma once

#include <stdint.h>

#include "kernel/config.h"

// A point in time, in ticks since boot.
typedef struct {
    uint64_t ticks;
} deadline_t;

#define FOREVER ((deadline_t){ UINT64_MAX }) // no limit
#define NOWAIT  ((deadline_t){ 0 })          // do not wait at all: -EAGAIN where one would

// Ticks since boot. Contexts: tasklet, poll. Not from an interrupt: it may extend the counter.
uint64_t time_now(void);

// Microseconds since boot. Costs a 64-bit division; for people to read.
uint64_t time_us(void);

// Spans in ticks, rounded up so that a wait is never shorter than asked for; a multiplication by a
// constant, no division.
static inline uint64_t ticks_from_ms(uint32_t ms)
{
    if (TICK_HZ % 1000 == 0) {
        return (uint64_t)ms * (TICK_HZ / 1000);
    }
    return ((uint64_t)ms * (((uint64_t)TICK_HZ << 10) / 1000 + 1) + 1023) >> 10;
}

static inline uint64_t ticks_from_us(uint32_t us)
{
    if (TICK_HZ % 1000000 == 0) {
        return (uint64_t)us * (TICK_HZ / 1000000);
    }
    return ((uint64_t)us * (((uint64_t)TICK_HZ << 10) / 1000000 + 1) + 1023) >> 10;
}

// Deadlines from now. Contexts: tasklet, poll.
static inline deadline_t after_ticks(uint64_t ticks)
{
    return (deadline_t){ time_now() + ticks };
}

static inline deadline_t after_ms(uint32_t ms)
{
    return after_ticks(ticks_from_ms(ms));
}

static inline deadline_t after_us(uint32_t us)
{
    return after_ticks(ticks_from_us(us));
}

// ---- The contract with the clock driver; a board links exactly one ----

// The free-running counter at TICK_HZ: counts up, wraps at 2^32. Any context.
uint32_t clock_read(void);

// From now on time_alarm() is called, in interrupt context, as soon as the counter reaches `when`
// (at most 2^30 ticks ahead). If it has passed already, at once. Replaces the alarm set before; one
// alarm too many does no harm, one too few is a bug. Contexts: tasklet, poll.
void clock_alarm(uint32_t when);

// Called by the clock driver, interrupt context: the alarm went off.
void time_alarm(void);

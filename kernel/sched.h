// SPDX-License-Identifier: MIT
//
// The scheduler: who runs next. Internal to the kernel; programs use tasklet.h and what stands on
// it. How one tasklet gives way to another is in switch.h.
//
// Ready tasklets stand in a ring per priority level, and the running one stays in its ring:
//
//      head[2]  ->  (empty)
//      head[1]  ->  A <-> B <-> C <-> (A)      `current` is the running one; its tasklet_successor
//      is next head[0]  ->  D <-> (D)
//
// A tasklet that yields switches straight to its tasklet_successor: one load, one store and the
// switch. One that waits takes itself out first. One that becomes ready is put before `current`,
// which is the end of the queue. Only when `attention` is not zero (a poller was kicked, or a
// higher level became ready), or when the ring runs empty, does control go to the scheduler's loop,
// on a stack of its own, in *poll context*: it runs the kicked pollers, takes the highest level
// that has a tasklet, or sleeps.
//
// head[] of the running level is stale while a tasklet runs; `current` stands for it.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kernel/arch.h"
#include "kernel/hooks.h"

enum {
    SCHED_LEVELS = 3,   // priorities 0 (low), 1 (normal), 2 (high); strict
    SCHED_POLLERS = 12, // one less at most; a multiple of 4
    SCHED_CREDIT = 32   // calls that could have blocked but did not, before others get a turn
};

struct poller;

// One byte per poller, set from any context, cleared by the loop, which looks at many at a time.
union sched_kicks {
    volatile uint8_t bytes[SCHED_POLLERS];
    volatile uint32_t words[SCHED_POLLERS / 4];
};

struct sched {
    // Not NULL: go through the loop at the next switch. Names one of the pollers that were kicked,
    // or sched_higher if a level above the running one became ready. Any context may overwrite it,
    // with another of these: which one it is is a hint, and the bytes in `kicks` are the truth.
    struct poller *volatile attention;
    union sched_kicks kicks;
    uint8_t level;                         // of the running tasklet; SCHED_LEVELS in poll context
    uint8_t poller_count;                  // registered
    uint8_t no_switch;                     // depth of no_switch_begin()
    uint8_t on_poll_stack;                 // the running tasklet is in on_poll_stack()
    int32_t credit;                        // see SCHED_CREDIT
    struct tasklet *current;               // the running tasklet; NULL in poll context
    void *sp;                              // the loop's stack pointer while a tasklet runs
    struct tasklet *head[SCHED_LEVELS];    // next to run of each level, NULL if none is ready
    struct poller *pollers[SCHED_POLLERS]; // by index; none at 0
};

extern struct sched sched;
extern struct poller sched_higher;

// Orders memory accesses as the compiler sees them; there is one processor.
#define sched_barrier() __asm__ volatile("" ::: "memory")

// The loop. Never returns on hardware; on the host it returns when nothing can ever happen again.
void sched_run(void);

// A call that could have blocked but goes on at once spends from the credit, so that a tasklet that
// always finds data cannot keep the processor for ever. Tasklet context; elsewhere it does nothing.
void sched_credit_spent(void);

static inline void sched_spend(void)
{
    if (__builtin_expect(--sched.credit < 0, 0)) {
        sched_credit_spent();
    }
}

// The same for short functions: if true, call sched_credit_spent() and begin again, from a function
// of its own, so that the usual path saves no registers.
static inline bool sched_spent(void)
{
    return __builtin_expect(--sched.credit < 0, 0);
}

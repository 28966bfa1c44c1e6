// SPDX-License-Identifier: MIT
//
// The scheduler: who runs next. Internal to the kernel; programs use tasklet.h and what stands on it.
// How one tasklet gives way to another is in switch.h.
//
// Ready tasklets stand in a ring per priority level, and the running one stays in its ring:
//
//      head[2]  ->  (empty)
//      head[1]  ->  A <-> B <-> C <-> (A)      `current` is the running one; its successor is next
//      head[0]  ->  D <-> (D)
//
// A tasklet that yields switches straight to its successor: one load, one store and the switch. One
// that waits takes itself out first. One that becomes ready is put before `current`, which is the
// end of the queue. Only when `attention` is not zero (a poller was kicked, or a higher level became
// ready), or when the ring runs empty, does control go to the scheduler's loop, on a stack of its
// own, in *poll context*: it runs the kicked pollers, takes the highest level that has a tasklet, or
// sleeps.
//
// head[] of the running level is stale while a tasklet runs; `current` stands for it.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kernel/arch.h"
#include "kernel/hooks.h"

enum {
    SCHED_LEVELS = 3, // priorities 0 (low), 1 (normal), 2 (high); strict
    SCHED_CREDIT = 32 // calls that could have blocked but did not, before others get a turn
};

// Interrupt handlers set `kicked`, so each half is a byte of its own and a switch looks at both with
// one load.
union sched_attention {
    struct {
        volatile uint8_t kicked; // some poller was; written by interrupts (1) and by the loop (0)
        volatile uint8_t higher; // a level above the running one has become ready
    };
    volatile uint32_t any;
};

struct sched {
    union sched_attention attention;
    uint8_t level;                      // of the running tasklet; SCHED_LEVELS in poll context
    int32_t credit;                     // see SCHED_CREDIT
    struct tasklet *current;            // the running tasklet; NULL in poll context
    void *sp;                           // the loop's stack pointer while a tasklet runs
    struct tasklet *head[SCHED_LEVELS]; // next to run of each level, NULL if none is ready
};

extern struct sched sched;

// Orders memory accesses as the compiler sees them; there is one processor.
#define sched_barrier() __asm__ volatile("" ::: "memory")

// The loop. Never returns on hardware; on the host it returns when nothing can ever happen again.
void sched_run(void);

// A call that could have blocked but goes on at once spends from the credit, so that a tasklet that
// always finds data cannot keep the processor for ever. Tasklet context; elsewhere it does nothing.
void sched_credit_spent(void);

static inline void sched_spend(void)
{
    if (--sched.credit < 0) {
        sched_credit_spent();
    }
}

// SPDX-License-Identifier: MIT
//
// The scheduler: who runs next. Internal to the kernel; programs use tasklet.h and what stands on
// it. How one tasklet gives way to another is in switch.h.
//
// Ready tasklets stand in a ring per priority level, and the running one stays in its ring:
//
//      ring[2]  ->  (empty)
//      ring[1]  ->  A <-> B <-> C <-> (A)      A runs: `running` points to this slot; its successor
//      ring[0]  ->  D <-> (D)                  is next
//
// A tasklet that yields switches straight to its successor: the slot names that one now, and the
// stack changes. One that waits takes itself out first. One that becomes ready is put before the one
// that the slot of its level names, which is the end of the queue. Only when `attention` is not zero
// (a poller was kicked, or a higher level became ready), or when the ring runs empty, does control go
// to the scheduler's loop, on a stack of its own, in *poll context*: it runs the kicked pollers, takes
// the highest level that has a tasklet, or sleeps. Meanwhile `running` points to a slot that is
// always empty.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kernel/arch.h"
#include "kernel/context.h"
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
    uint32_t words[SCHED_POLLERS / 4]; // read behind a barrier, at once
};

struct sched {
    union {
        struct {
            // Not NULL: go through the loop at the next switch. Names one of the pollers that were
            // kicked, or sched_higher if a level above the running one became ready. Any context may
            // overwrite it, with another of these: which one it is is a hint, and the bytes in
            // `kicks` are the truth.
            struct poller *volatile attention;
            union sched_kicks kicks;
        };
        uintptr_t before_sp[CONTEXT_SP_WORD]; // the loop can be switched to as a tasklet can
    };
    void *sp;                              // the loop's stack pointer while a tasklet runs
    struct tasklet **running;              // the slot of the running level; the last: poll context
    int32_t credit;                        // see SCHED_CREDIT
    uint8_t poller_count;                  // registered
    uint8_t no_switch;                     // depth of no_switch_begin()
    uint8_t on_poll_stack;                 // the running tasklet is in on_poll_stack()
    volatile bool setting_alarm;           // of the clock, right now: a handler may not
    struct poller *pollers[SCHED_POLLERS]; // by index; none at 0
};

extern struct sched sched;
extern struct tasklet
    *sched_ring[SCHED_LEVELS + 1]; // by level: who runs, or is next to; NULL: nobody
extern struct poller sched_higher;

// The running tasklet; NULL in poll context.
static inline struct tasklet *sched_current(void)
{
    return *sched.running;
}

// Orders memory accesses as the compiler sees them; there is one processor.
#define sched_barrier() __asm__ volatile("" ::: "memory")

// The loop. Never returns on hardware; on the host it returns when nothing can ever happen again.
void sched_run(void);

// A call that could have blocked but goes on at once spends from the credit, so that a tasklet that
// always finds data cannot keep the processor for ever. Tasklet context; elsewhere it does nothing.
void sched_credit_spent(void);

KERNEL_INLINE void sched_spend(void);

KERNEL_INLINE void sched_spend(void)
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

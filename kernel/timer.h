// SPDX-License-Identifier: MIT
//
// Timers: any number of pending points in time, each with a function to call then. Arming and
// cancelling cost the same with one timer or a thousand armed.
//
// They stand in a radix heap (Ahuja, Mehlhorn, Orlin, Tarjan: Faster algorithms for the shortest
// path problem, J. ACM 37, 1990): bucket b holds the timers whose deadline differs from `last`, the
// deadline that fired last, in bit b as its highest. Deadlines never lie before `last`, so the lowest
// bucket that is not empty holds the next one. Only when that one fires is its bucket dealt out
// again, to lower buckets: a timer moves at most 32 times in its life, mostly once or twice.
//
// That is timer.c. `make TIMERS=list` takes timer_list.c, which is smaller, and where arming costs the
// more the more timers are armed.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "kernel/list.h"
#include "kernel/time.h"

// 64-bit time inside kernel objects, without the hole that 8-byte alignment would tear.
typedef uint64_t ticks_t __attribute__((aligned(4)));

struct timer {
    struct list link;              // in its bucket; next == NULL: not armed
    ticks_t when;                  // ticks since boot
    void (*fire)(struct timer *t); // poll context; the timer is unarmed again and may be re-armed;
                                   // NULL: it is a tasklet's own
};

// `static struct timer t = TIMER_INIT(function);`
#define TIMER_INIT(function)                                                                       \
    {                                                                                              \
        .fire = (function)                                                                         \
    }

// Arms t, which is not armed, for d; FOREVER never fires, a d in the past fires at the next pass.
// Timers with equal deadlines fire in the order they were armed. Contexts: tasklet, poll.
void timer_arm(struct timer *t, deadline_t d);

// Disarms t. Returns false if it was not armed: it has fired, or never was. Contexts: tasklet, poll.
bool timer_cancel(struct timer *t);

static inline bool timer_armed(const struct timer *t)
{
    return t->link.next != NULL;
}

// ---- For the scheduler ----

// Registers the timers' poller and sets the first alarm.
void timers_init(void);

// Before the processor sleeps: has the poller drop deadlines at the head of the queue that nobody
// waits for any more, so that an idle system is woken only for a reason.
void timers_before_idle(void);

// True if any timer is armed.
bool timers_pending(void);

// ---- For watch.c ----

// Called by each alarm, in interrupt context; NULL: not.
extern void (*time_watch)(void);

// A handler may not set the clock's alarm now: it has interrupted who does. Context: interrupt.
bool timers_setting(void);

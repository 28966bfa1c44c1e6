// SPDX-License-Identifier: MIT
//
// Waiting: the one way to block. Whatever suspends a tasklet, from a channel to a socket, puts a
// *waiter* into one or several *wait queues* and suspends until one of three things happens, exactly
// once, whichever is recorded first:
//
//     fired       somebody called wait_end() on a waiter
//     timed out   the deadline passed                      -ETIMEDOUT
//     cancelled   tasklet_cancel()                         -ECANCELED
//
// Between the look at the awaited condition and the wait no other tasklet or poller runs, so a
// wake-up cannot fall between them. After a wait look again: loops, never `if`.
//
// A single wait uses the waiter and the timer inside the tasklet and allocates nothing. A wait on
// several queues uses waiters that its caller owns, outside of any stack.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kernel/list.h"
#include "kernel/sched.h"
#include "kernel/timer.h"

struct tasklet;

// One place in one wait queue: a tasklet's own, or one of a set.
struct waiter {
    struct list link; // in the queue; of a ready tasklet's own waiter: in the run queue
    uint8_t level;    // its tasklet's priority; SCHED_LEVELS: it is one of a set
    uint8_t flags;    // of a tasklet's own: CANCEL_ and TASKLET_ bits
    uint8_t shield;   // of a tasklet's own: depth of tasklet_shield()
    uint8_t ended;    // of a tasklet's own: enum tasklet_state, once it has ended
    union {
        void *data;      // what the waker needs, such as the address of a channel's element;
        intptr_t result; // in a tasklet's own waiter: how its last wait ended
    };
};

struct set_waiter {
    struct waiter waiter;
    struct wait_set *set;
};

// Several waiters of one tasklet. It and they belong to the caller and lie outside of any stack,
// because others follow pointers to them.
struct wait_set {
    struct set_waiter *waiters;
    struct tasklet *tasklet; // who waits
    uint16_t count;          // of waiters
    uint16_t fired;          // index of the one that was ended; `count` if none was
};

// Who waits there.
static inline struct tasklet *waiter_tasklet(struct waiter *w)
{
    return w->level == SCHED_LEVELS ? container_of(w, struct set_waiter, waiter)->set->tasklet
                                    : (struct tasklet *)(void *)w;
}

// Those who wait for one thing, first come first served.
struct waitq {
    struct list waiters; // struct waiter by its link
    const char *name;    // for ps and reports; NULL: shown by address
};

// `static struct waitq q = WAITQ_INIT(q, "door");`
#define WAITQ_INIT(self, its_name)                                                                 \
    {                                                                                              \
        .waiters = LIST_INIT((self).waiters), .name = (its_name)                                   \
    }

void waitq_init(struct waitq *q, const char *name);

static inline bool waitq_empty(const struct waitq *q)
{
    return list_empty(&q->waiters);
}

// The waiter that has waited longest; the queue is not empty.
static inline struct waiter *waitq_first(const struct waitq *q)
{
    return container_of(q->waiters.next, struct waiter, link);
}

// Waits in q with the tasklet's own waiter until somebody ends the wait. `in` names the waiting call
// ("chan_recv") for ps and reports. Returns the waker's result, -ETIMEDOUT, -ECANCELED, or -EAGAIN
// for NOWAIT; a tasklet on a shared stack: -ENOMEM, see shared_stack.h. Context: tasklet.
static inline int wait_on(struct waitq *q, const char *in, deadline_t d);

// Waits in no queue: ends by deadline, cancellation or wait_end() on the tasklet's own waiter.
static inline int wait_alone(const char *in, deadline_t d);

// Waits with all waiters of the set at once; each has been put into its queue with waiter_add(). At
// the return none of them is queued any more. set->fired says which one was ended, and the waker's
// result is returned; or -ETIMEDOUT, -ECANCELED, -EAGAIN as above.
int wait_any(struct wait_set *set, const char *in, deadline_t d);

// Prepares the set for a wait with its first `count` waiters, which the caller then puts into queues.
void wait_set_begin(struct wait_set *set, struct set_waiter *waiters, size_t count);

// Puts waiter number i of the set at the end of q.
void waiter_add(struct wait_set *set, size_t i, struct waitq *q, void *data);

// Ends the wait that w is part of, which takes all its waiters out of their queues, and makes the
// tasklet ready; its wait returns `result` (>= 0, or an error such as -EPIPE). w is queued, which
// means that its wait is not over yet. Contexts: tasklet, poll.
void wait_end(struct waiter *w, int result);

// wait_end() with result 0.
void wait_end_ok(struct waiter *w);

// Ends the wait of the longest waiting with result 0; false if nobody waits.
bool waitq_wake_one(struct waitq *q);

// Ends the waits of all who wait now; returns how many.
size_t waitq_wake_all(struct waitq *q);

// ---- The two ways of wait_on(); the compiler chooses where the deadline is a constant ----

int wait_forever(struct waitq *q, const char *in);
int wait_with_care(struct waitq *q, const char *in, deadline_t d);

static inline int wait_on(struct waitq *q, const char *in, deadline_t d)
{
    return CONFIG_FAST && d.ticks == UINT64_MAX ? wait_forever(q, in) : wait_with_care(q, in, d);
}

// ---- For tasklet.c and timer.c ----

// Where those stand with their own waiter whom no queue holds, or several: then its data is the set.
extern struct waitq wait_nowhere, wait_several;

static inline int wait_alone(const char *in, deadline_t d)
{
    return wait_on(&wait_nowhere, in, d);
}

// Until when the tasklet of this timer waits; UINT64_MAX if it does not, or has no limit.
uint64_t wait_until(struct timer *t);

// Fired by a tasklet's timer: it has waited long enough, or the timer stood too early.
void wait_timeout(struct timer *t);

// Takes a suspended tasklet out of its wait with an error of the kernel's own.
void wait_abort(struct tasklet *t, int error);

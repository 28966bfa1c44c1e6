// SPDX-License-Identifier: MIT
//
// Mutexes: for data that must stay as it is across a call that can block, such as a file system's.
// Between calls that cannot block no lock is needed at all. Unlocking hands the mutex to who has
// waited longest.
#pragma once

#include "kernel/panic.h"
#include "kernel/wait.h"

struct mutex {
    struct waitq waiting;
    struct tasklet *owner; // NULL: free; MUTEX_ABANDONED: free, its last owner has ended with it
};

#define MUTEX_ABANDONED ((struct tasklet *)1)

// `static struct mutex m = MUTEX_INIT(m, "disk");`
#define MUTEX_INIT(self, its_name)                                                                 \
    {                                                                                              \
        .waiting = WAITQ_INIT((self).waiting, its_name)                                            \
    }

void mutex_init(struct mutex *m, const char *name);

// Locks m. Returns 0; -EDEADLK if the caller has it already; -EOWNERDEAD if its owner has ended without
// unlocking it (see mutex_abandon()): the caller has it now, and its data may be half changed; -ETIMEDOUT,
// -ECANCELED, -EAGAIN (NOWAIT). Once it is handed over, a cancellation that comes at the same time is left for the next
// call that waits. Context: tasklet.
KERNEL_INLINE int mutex_lock(struct mutex *m, deadline_t d);

// Unlocks m, which the caller has; otherwise an assertion. Never waits, never fails. Context:
// tasklet.
KERNEL_INLINE void mutex_unlock(struct mutex *m);

// For a record of kernel/defer.h, so that the end of a tasklet frees what it has locked:
//     defer(&d, mutex_abandon, &m);
// Like unlocking, but the next who locks it is told. If the running tasklet does not have it, nothing.
void mutex_abandon(void *m);

// ---- The short way of both, which the compiler puts where they are called ----

extern const char in_mutex_lock[]; // what a tasklet waits in: see reason.c
int mutex_lock_slow(struct mutex *m, deadline_t d);
void mutex_hand_over(struct mutex *m);

KERNEL_INLINE int mutex_lock(struct mutex *m, deadline_t d)
{
    ASSERT(m != NULL, "mutex_lock: the mutex is NULL");
    ASSERT(sched_current() != NULL, "mutex_lock: not in a tasklet");
    if (m->owner != NULL || sched_spent()) {
        return mutex_lock_slow(m, d);
    }
    m->owner = sched_current();
    return 0;
}

KERNEL_INLINE void mutex_unlock(struct mutex *m)
{
    ASSERT(m != NULL && m->owner == sched_current() && m->owner != NULL,
           "mutex_unlock: the caller does not have it");
    if (!waitq_empty(&m->waiting)) {
        mutex_hand_over(m);
        return;
    }
    m->owner = NULL;
}

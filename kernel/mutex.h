// SPDX-License-Identifier: MIT
//
// Mutexes: for data that must stay as it is across a call that can block, such as a file system's.
// Between calls that cannot block no lock is needed at all. Unlocking hands the mutex to who has
// waited longest.
#pragma once

#include "kernel/wait.h"

struct mutex {
    struct waitq waiting;
    struct tasklet *owner; // NULL: free
};

// `static struct mutex m = MUTEX_INIT(m, "disk");`
#define MUTEX_INIT(self, its_name)                                                                 \
    {                                                                                              \
        .waiting = WAITQ_INIT((self).waiting, its_name)                                            \
    }

void mutex_init(struct mutex *m, const char *name);

// Locks m. Returns 0; -EDEADLK if the caller has it already; -ETIMEDOUT, -ECANCELED, -EAGAIN
// (NOWAIT). Once it is handed over, a cancellation that comes at the same time is left for the next
// call that waits. Context: tasklet.
int mutex_lock(struct mutex *m, deadline_t d);

// Unlocks m, which the caller has; otherwise an assertion. Never waits, never fails. Context:
// tasklet.
void mutex_unlock(struct mutex *m);

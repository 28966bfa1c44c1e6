// SPDX-License-Identifier: MIT
//
// Readiness, for all classes: waking who waits for a device. Who waits in a read or a write will try
// again, so waking one is enough. Who waits in chan_select() is only told: he may read, or go another
// way. So the word goes on until it has come to somebody who tries.
#pragma once

#include "kernel/config.h"
#include "kernel/tasklet.h"
#include "kernel/wait.h"

// Ends waits in q up to the first of somebody who tries. Contexts: tasklet, poll.
KERNEL_INLINE void ready_wake(struct waitq *q);

// Of who selects, waiters of a set stand in the queues.
KERNEL_INLINE void ready_wake(struct waitq *q)
{
    while (!waitq_empty(q)) {
        struct waiter *w = waitq_first(q);
        bool tries = w->level < SCHED_LEVELS;

        wait_end(w, 0);
        if (tries) {
            return;
        }
    }
}

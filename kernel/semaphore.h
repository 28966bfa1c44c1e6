// SPDX-License-Identifier: MIT
//
// Counting semaphores (Dijkstra 1965). A unit that is given while somebody waits goes straight to
// who has waited longest.
#pragma once

#include <stdint.h>

#include "kernel/wait.h"

struct semaphore {
    struct waitq waiting;
    uint32_t count; // units free; 0 while anybody waits
};

// `static struct semaphore slots = SEMAPHORE_INIT(slots, "slots", 3);`
#define SEMAPHORE_INIT(self, its_name, its_count)                                                  \
    {                                                                                              \
        .waiting = WAITQ_INIT((self).waiting, its_name), .count = (its_count)                      \
    }

void semaphore_init(struct semaphore *s, const char *name, uint32_t count);

// Takes a unit, waits for one. Returns 0, or -ETIMEDOUT, -ECANCELED, -EAGAIN (NOWAIT: none is
// free). Context: tasklet.
int semaphore_take(struct semaphore *s, deadline_t d);

// Gives a unit. More than 2^32 - 1 is an assertion. Contexts: tasklet, poll.
void semaphore_give(struct semaphore *s);

// SPDX-License-Identifier: MIT
//
// Counting semaphores (Dijkstra 1965). A unit that is given while somebody waits goes straight to
// who has waited longest.
#pragma once

#include <stdint.h>

#include "kernel/panic.h"
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
KERNEL_INLINE int semaphore_take(struct semaphore *s, deadline_t d);

// Gives a unit. More than 2^32 - 1 is an assertion. Contexts: tasklet, poll.
KERNEL_INLINE void semaphore_give(struct semaphore *s);

// ---- The short way of both, which the compiler puts where they are called ----

int semaphore_take_after_turn(struct semaphore *s, deadline_t d);

KERNEL_INLINE int semaphore_take(struct semaphore *s, deadline_t d)
{
    ASSERT(s != NULL, "semaphore_take: the semaphore is NULL");
    bool waits = s->count == 0;

    if ((!waits || d.ticks == 0) && sched_spent()) {
        return semaphore_take_after_turn(s, d);
    }
    if (waits) {
        return wait_on(&s->waiting, "semaphore_take", d);
    }
    s->count--;
    return 0;
}

KERNEL_INLINE void semaphore_give(struct semaphore *s)
{
    ASSERT(s != NULL, "semaphore_give: the semaphore is NULL");
    if (!waitq_empty(&s->waiting)) {
        wait_end_ok(waitq_first(&s->waiting));
        return;
    }
    ASSERT(s->count < UINT32_MAX, "semaphore_give: the count overflows");
    s->count++;
}

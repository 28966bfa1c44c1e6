// SPDX-License-Identifier: MIT
#include "kernel/mutex.h"

#include <errno.h>

#include "kernel/panic.h"
#include "kernel/tasklet.h"

void mutex_init(struct mutex *m, const char *name)
{
    waitq_init(&m->waiting, name);
    m->owner = NULL;
}

const char in_mutex_lock[] = "mutex_lock";

static void hand_over(struct mutex *m, int result)
{
    struct waiter *w = waitq_first(&m->waiting);

    m->owner = waiter_tasklet(w);
    wait_end(w, result);
}

void mutex_hand_over(struct mutex *m)
{
    hand_over(m, 0);
}

void mutex_abandon(void *mutex)
{
    struct mutex *m = mutex;

    if (m->owner != sched_current()) {
        return;
    }
    if (waitq_empty(&m->waiting)) {
        m->owner = MUTEX_ABANDONED;
    } else {
        hand_over(m, -EOWNERDEAD);
    }
}

// It has an owner, or the caller's credit is spent.
int mutex_lock_slow(struct mutex *m, deadline_t d)
{
    if (m->owner == NULL || (d.ticks == 0 && sched_spent())) {
        sched_credit_spent();
        return mutex_lock(m, d);
    }
    if (m->owner == MUTEX_ABANDONED) {
        m->owner = sched_current();
        return -EOWNERDEAD;
    }
    if (m->owner == sched_current()) {
        return -EDEADLK;
    }
    return wait_on(&m->waiting, in_mutex_lock, d);
}

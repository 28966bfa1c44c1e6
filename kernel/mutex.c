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

static int __attribute__((noinline)) lock_after_turn(struct mutex *m, deadline_t d)
{
    sched_credit_spent();
    return mutex_lock(m, d);
}

int mutex_lock(struct mutex *m, deadline_t d)
{
    ASSERT(m != NULL, "mutex_lock: the mutex is NULL");
    ASSERT(sched.current != NULL, "mutex_lock: not in a tasklet");
    if (sched_spent()) {
        return lock_after_turn(m, d);
    }
    if (m->owner == NULL) {
        m->owner = sched.current;
        return 0;
    }
    if (m->owner == sched.current) {
        return -EDEADLK;
    }
    return wait_on(&m->waiting, "mutex_lock", d);
}

void mutex_unlock(struct mutex *m)
{
    ASSERT(m != NULL && m->owner == sched.current && m->owner != NULL,
           "mutex_unlock: the caller does not have it");
    m->owner = NULL;
    if (!waitq_empty(&m->waiting)) {
        struct waiter *w = waitq_first(&m->waiting);

        m->owner = w->tasklet;
        wait_end(w, 0);
    }
}

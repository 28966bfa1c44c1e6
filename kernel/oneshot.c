// SPDX-License-Identifier: MIT
#include "kernel/oneshot.h"

#include <errno.h>

#include "kernel/panic.h"

void oneshot_init(struct oneshot *o, const char *name)
{
    *o = (struct oneshot){ 0 };
    waitq_init(&o->waiting, name);
}

int oneshot_fire(struct oneshot *o, intptr_t value)
{
    ASSERT(o != NULL, "oneshot_fire: NULL");
    if (o->fired) {
        return -EALREADY;
    }
    o->fired = 1;
    o->value = value;
    waitq_wake_one(&o->waiting);
    return 0;
}

int oneshot_wait(struct oneshot *o, intptr_t *value, deadline_t d)
{
    ASSERT(o != NULL && value != NULL, "oneshot_wait: NULL");
    sched_spend();
    if (!o->fired) {
        if (!waitq_empty(&o->waiting)) {
            return -EBUSY;
        }
        int result = wait_on(&o->waiting, "oneshot_wait", d);

        if (result < 0) {
            return result;
        }
    }
    *value = o->value;
    return 0;
}

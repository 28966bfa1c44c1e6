// SPDX-License-Identifier: MIT
//
// May a tasklet that has failed end alone? Only if nothing that belongs to others was left half-done.
#include "kernel/contain.h"

#include <errno.h>

#include "kernel/defer.h"
#include "kernel/stack.h"
#include "kernel/tasklet.h"

// Not in a wait queue already, and properly in the run queue: between two changes of the kernel's.
static bool at_rest(const struct tasklet *t)
{
    const struct list *link = &t->waiter.link;

    return t->queue == NULL && link->next->prev == link && link->prev->next == link;
}

// The kernel looks at its arguments first and copies elements before it changes anything, so that an
// assertion, and the first push of a function that overflows the stack, find it at rest. A fault at any
// other place of the kernel's is its own.
bool contain(const struct panic_record *r, uintptr_t pc)
{
    struct tasklet *t = sched_current();
    bool overrun = ARCH_GUARD_CANARY && CONFIG_GUARD && !r->overflow && stack_overrun(t);

    if (!CONFIG_ASSERT || sched.no_switch != 0 || (t->watcher & WATCHED_BY_GROUP) == 0 ||
        (t->waiter.flags & TASKLET_FAILED) != 0 || overrun || !at_rest(t)) {
        return false;
    }
    if (arch_is_kernel(pc) && !r->overflow) {
        return false;
    }
    t->waiter.flags |= TASKLET_FAILED;
    t->in = r->why;
    return true;
}

void reap(void)
{
    struct tasklet *self = sched_current();
    const char *why = self->in; // clean-up that waits has calls of its own

    if (self->deferred != NULL) {
        defer_run_all();
    }
    self->in = why;
    tasklet_exit(-EFAULT);
}

// SPDX-License-Identifier: MIT
#include "kernel/defer.h"

#include "kernel/panic.h"
#include "kernel/stack.h"

void defer(struct defer *d, void (*fn)(void *arg), void *arg)
{
    struct tasklet *self = sched_current();

    ASSERT(self != NULL && d != NULL && fn != NULL, "defer: NULL, or not in a tasklet");
    ASSERT(!on_shared_stack(d), "defer: the record lies on a shared stack");
    d->fn = fn;
    d->arg = arg;
    d->next = self->deferred;
    self->deferred = d;
}

void defer_for(struct tasklet *t, struct defer *d)
{
    t->deferred = d;
}

void defer_forget(struct defer *d)
{
    ASSERT(sched_current() != NULL && d != NULL, "defer_forget: NULL, or not in a tasklet");
    struct defer **link = &sched_current()->deferred;

    while (*link != NULL && *link != d) {
        link = &(*link)->next;
    }
    ASSERT(*link == d, "defer_forget: not written down by this tasklet");
    if (*link != NULL) {
        *link = d->next;
    }
}

void defer_run(struct defer *d)
{
    defer_forget(d);
    d->fn(d->arg);
}

void defer_run_all(void)
{
    struct tasklet *self = sched_current();

    tasklet_shield();
    while (self->deferred != NULL) {
        struct defer *d = self->deferred;

        self->deferred = d->next;
        d->fn(d->arg);
    }
    tasklet_unshield();
}

// SPDX-License-Identifier: MIT
//
// The one way to block: every suspension of a tasklet is in wait_on() below.
#include "kernel/wait.h"

#include <errno.h>

#include "kernel/panic.h"
#include "kernel/switch.h"

void waitq_init(struct waitq *q, const char *name)
{
    list_init(&q->waiters);
    q->name = name;
}

// May this wait begin? 0, or what the call returns instead.
static inline int may_wait(struct tasklet *self, deadline_t d)
{
    ASSERT(self != NULL, "a call that waits was made outside of a tasklet");
    ASSERT(!arch_in_interrupt(), "a call that waits was made from an interrupt");
    if (__builtin_expect(self->flags & CANCEL_DUE, 0) && self->shield == 0) {
        self->flags = CANCEL_EVER;
        return -ECANCELED;
    }
    return d.ticks == 0 ? -EAGAIN : 0;
}

// The timer fires at d at the latest.
static void __attribute__((noinline)) hurry(struct timer *t, deadline_t d)
{
    if (!timer_armed(t) || d.ticks < t->when) {
        timer_cancel(t);
        timer_arm(t, d);
    }
}

// Every suspension of a tasklet is here. The timer of an earlier wait may still be armed: it is
// moved only if it would come too late.
int wait_on(struct waitq *q, const char *in, deadline_t d)
{
    struct tasklet *self = sched.current;
    int error = may_wait(self, d);

    if (__builtin_expect(error != 0, 0)) {
        return error;
    }
    struct tasklet *next = switch_prepare(self);

    list_insert_before(&q->waiters, &self->waiter.link);
    self->queue = q;
    self->in = in;
    self->state = TASKLET_WAITING;
    self->deadline = d.ticks;
    if (d.ticks != UINT64_MAX) {
        hurry(&self->timer, d);
    }
    switch_to(self, next);
    return (int)self->waiter.result;
}

// Their own waiter's data is the set if they are in wait_any(), NULL if they wait for no queue at all.
struct waitq wait_nowhere = WAITQ_INIT(wait_nowhere, NULL);

int wait_alone(const char *in, deadline_t d)
{
    ASSERT(sched.current != NULL, "a call that waits was made outside of a tasklet");
    sched.current->waiter.data = NULL;
    return wait_on(&wait_nowhere, in, d);
}

void waiter_add(struct waiter *w, struct waitq *q, void *data)
{
    w->tasklet = sched.current;
    w->data = data;
    list_insert_before(&q->waiters, &w->link);
}

static void remove_all(const struct wait_set *set)
{
    for (size_t i = 0; i < set->count; i++) {
        list_remove(&set->waiters[i].link);
    }
}

int wait_any(struct wait_set *set, const char *in, deadline_t d)
{
    struct tasklet *self = sched.current;

    ASSERT(self != NULL, "a call that waits was made outside of a tasklet");
    set->fired = set->count;
    self->waiter.data = set;
    int result = wait_on(&wait_nowhere, in, d);

    if (self->waiter.data == set) { // no result: it did not come to a wait
        remove_all(set);
    }
    return result;
}

// One of several waiters was ended, or none of them (w == NULL).
void wait_end_set(struct tasklet *t, struct waiter *w, int result)
{
    struct wait_set *set = t->waiter.data;

    if (w != NULL) {
        set->fired = (uint16_t)(w - set->waiters);
    }
    remove_all(set);
    wait_finish(t, result);
}

void wait_end(struct waiter *w, int result)
{
    wait_end_here(w, result);
}

void wait_abort(struct tasklet *t, int error)
{
    if (t->queue == &wait_nowhere && t->waiter.data != NULL) {
        wait_end_set(t, NULL, error);
    } else {
        wait_finish(t, error);
    }
}

uint64_t wait_until(struct timer *timer)
{
    const struct tasklet *t = container_of(timer, struct tasklet, timer);

    return t->state == TASKLET_WAITING ? t->deadline : UINT64_MAX;
}

void wait_timeout(struct timer *timer)
{
    uint64_t until = wait_until(timer);

    if (until <= timer->when) {
        wait_abort(container_of(timer, struct tasklet, timer), -ETIMEDOUT);
    } else if (until != UINT64_MAX) {
        timer_arm(timer, (deadline_t){ until });
    }
}

bool waitq_wake_one(struct waitq *q)
{
    if (waitq_empty(q)) {
        return false;
    }
    wait_end(waitq_first(q), 0);
    return true;
}

size_t waitq_wake_all(struct waitq *q)
{
    size_t n = 0;

    while (waitq_wake_one(q)) {
        n++;
    }
    return n;
}

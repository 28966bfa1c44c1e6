// SPDX-License-Identifier: MIT
//
// The one way to block: every suspension of a tasklet is in wait_on() below.
#include "kernel/wait.h"

#include <errno.h>

#include "kernel/panic.h"
#include "kernel/stack.h"
#include "kernel/switch.h"

void waitq_init(struct waitq *q, const char *name)
{
    ASSERT(!on_shared_stack(q), "waitq_init: what others wait for lies on a shared stack");
    list_init(&q->waiters);
    q->name = name;
}

// Out of the run queue, into the wait queue.
static inline void queue_up(struct tasklet *self, struct waitq *q, const char *in)
{
    self->queue = q;
    self->in = in;
    list_remove(&self->waiter.link);
    list_insert_before(&q->waiters, &self->waiter.link);
}

// Every suspension of a tasklet is here or below. The short way is for who waits without a limit, when
// another tasklet comes next and nothing else is to be done: the usual case between tasklets that talk.
int wait_forever(struct waitq *q, const char *in)
{
    struct tasklet **running = sched.running, *self = *running;
    struct poller *attention = sched.attention;

    ASSERT(self != NULL, "a call that waits was made outside of a tasklet");
    ASSERT(!arch_in_interrupt(), "a call that waits was made from an interrupt");
    ASSERT(sched.no_switch == 0, "a switch between no_switch_begin() and no_switch_end()");
    struct tasklet *next = tasklet_successor(self);

    if (__builtin_expect(self->waiter.flags != 0 || attention != NULL || next == self, 0)) {
        return wait_with_care(q, in, FOREVER);
    }
    queue_up(self, q, in);
    HOOK_OUT(self);
    *running = next;
    HOOK_IN(next);
    return (int)arch_switch(self, next);
}

// The timer of an earlier wait may still be armed: it is moved only if it would come too late.
static inline void limit(struct tasklet *self, deadline_t d)
{
    struct timer *t = &self->timer;

    if (d.ticks == UINT64_MAX) {
        self->waiter.flags &= (uint8_t)~WAIT_LIMITED;
        return;
    }
    self->waiter.flags |= WAIT_LIMITED;
    self->deadline = d.ticks;
    if (!timer_armed(t) || d.ticks < t->when) {
        timer_cancel(t);
        timer_arm(t, d);
    }
}

// With a limit perhaps, cancelled perhaps, alone in its ring perhaps.
int wait_with_care(struct waitq *q, const char *in, deadline_t d)
{
    struct tasklet *self = sched_current();

    ASSERT(self != NULL, "a call that waits was made outside of a tasklet");
    ASSERT(!arch_in_interrupt(), "a call that waits was made from an interrupt");
    ASSERT(sched.no_switch == 0, "a switch between no_switch_begin() and no_switch_end()");
    if ((self->waiter.flags & CANCEL_DUE) != 0 && self->waiter.shield == 0) {
        self->waiter.flags &= (uint8_t)~CANCEL_DUE;
        return -ECANCELED;
    }
    if (d.ticks == 0) {
        return -EAGAIN;
    }
    if ((self->waiter.flags & TASKLET_SHARED) != 0 && !shared_stack_may_wait(self, q)) {
        return -ENOMEM;
    }
    limit(self, d);
    struct tasklet *next = tasklet_successor(self);

    queue_up(self, q, in);
    return (int)switch_away(self, next);
}

struct waitq wait_nowhere = WAITQ_INIT(wait_nowhere, NULL);
struct waitq wait_several = WAITQ_INIT(wait_several, NULL);

void wait_set_begin(struct wait_set *set, struct set_waiter *waiters, size_t count)
{
    ASSERT(!on_shared_stack(set) && !on_shared_stack(waiters),
           "wait_set_begin: the set, or its waiters, lie on a shared stack");
    *set = (struct wait_set){
        .waiters = waiters,
        .tasklet = sched_current(),
        .count = (uint16_t)count,
        .fired = (uint16_t)count,
    };
}

void waiter_add(struct wait_set *set, size_t i, struct waitq *q, void *data)
{
    struct set_waiter *w = &set->waiters[i];

    w->set = set;
    w->waiter.level = SCHED_LEVELS;
    w->waiter.data = data;
    list_insert_before(&q->waiters, &w->waiter.link);
}

static void remove_all(const struct wait_set *set)
{
    for (size_t i = 0; i < set->count; i++) {
        list_remove(&set->waiters[i].waiter.link);
    }
}

int wait_any(struct wait_set *set, const char *in, deadline_t d)
{
    struct tasklet *self = sched_current();

    ASSERT(self != NULL, "a call that waits was made outside of a tasklet");
    self->waiter.data = set;
    int result = wait_on(&wait_several, in, d);

    if (self->waiter.data == set) { // no result: it did not come to a wait
        remove_all(set);
    }
    return result;
}

static inline void finish(struct tasklet *t, int result)
{
    ASSERT(t->queue != NULL, "wait_end: the wait is over already");
    list_remove(&t->waiter.link);
    t->waiter.result = result;
    sched_ready(t);
}

void wait_abort(struct tasklet *t, int result)
{
    if (t->queue == &wait_several) {
        remove_all(t->waiter.data);
    }
    finish(t, result);
}

static void wait_end_set(struct waiter *w, int result)
{
    struct set_waiter *one = container_of(w, struct set_waiter, waiter);
    struct wait_set *set = one->set;

    set->fired = (uint16_t)(one - set->waiters);
    remove_all(set);
    finish(set->tasklet, result);
}

void wait_end(struct waiter *w, int result)
{
    if (w->level == SCHED_LEVELS) {
        wait_end_set(w, result);
    } else {
        finish(container_of(w, struct tasklet, waiter), result);
    }
}

void wait_end_ok(struct waiter *w)
{
    wait_end_here(w, 0);
}

uint64_t wait_until(struct timer *timer)
{
    const struct tasklet *t = container_of(timer, struct tasklet, timer);

    return t->queue != NULL && (t->waiter.flags & WAIT_LIMITED) != 0 ? t->deadline : UINT64_MAX;
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
    wait_end_here(waitq_first(q), 0);
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

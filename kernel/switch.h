// SPDX-License-Identifier: MIT
//
// How one tasklet gives way to another. Private to the kernel, which inlines it: a switch is a
// function call, and these are the instructions around it. With -Os there is one copy of each.
#pragma once

#include "kernel/panic.h"
#include "kernel/sched.h"
#include "kernel/tasklet.h"

KERNEL_INLINE void sched_ready(struct tasklet *t);
KERNEL_INLINE void wait_finish(struct tasklet *t, int result);
KERNEL_INLINE void wait_end_here(struct waiter *w, int result);
KERNEL_INLINE struct tasklet *switch_prepare(struct tasklet *self);
KERNEL_INLINE void switch_to(struct tasklet *self, struct tasklet *next);

static inline struct tasklet *tasklet_successor(const struct tasklet *t)
{
    return container_of(t->waiter.link.next, struct tasklet, waiter.link);
}

// Puts t, which is in no queue, at the end of its level. Contexts: tasklet, poll.
KERNEL_INLINE void sched_ready(struct tasklet *t)
{
    unsigned level = t->level;
    struct tasklet *first = level == sched.level ? sched.current : sched.head[level];

    t->state = TASKLET_READY;
    if (first != NULL) {
        list_insert_before(&first->waiter.link, &t->waiter.link);
        return;
    }
    list_init(&t->waiter.link);
    sched.head[level] = t;
    if (level > sched.level) {
        sched.attention = &sched_higher;
    }
}

// Takes a waiting tasklet out of the queue of its own waiter and makes it ready.
KERNEL_INLINE void wait_finish(struct tasklet *t, int result)
{
    list_remove(&t->waiter.link);
    t->waiter.result = result;
    sched_ready(t);
}

// One of several waiters was ended, or none of them (w == NULL).
void wait_end_set(struct tasklet *t, struct waiter *w, int result);

// wait_end(), for where it is worth its forty bytes.
KERNEL_INLINE void wait_end_here(struct waiter *w, int result)
{
    struct tasklet *t = w->tasklet;

    ASSERT(t->state == TASKLET_WAITING, "wait_end: the wait is over already");
    if (__builtin_expect(w == &t->waiter, 1)) {
        wait_finish(t, result);
    } else {
        wait_end_set(t, w, result);
    }
}

// Takes the running tasklet out of the run queue; returns who follows it, NULL if it was the last
// of its level. Until switch_to() nothing may become ready, for `current` is no place in the queue
// now.
KERNEL_INLINE struct tasklet *switch_prepare(struct tasklet *self)
{
    struct tasklet *next = tasklet_successor(self);

    if (__builtin_expect(next == self, 0)) {
        return NULL;
    }
    list_remove(&self->waiter.link);
    return next;
}

// Gives the processor to `next`, or to the loop if there is none or somebody wants attention.
// Returns when `self` runs again.
KERNEL_INLINE void switch_to(struct tasklet *self, struct tasklet *next)
{
    ASSERT(sched.no_switch == 0, "a switch between no_switch_begin() and no_switch_end()");
    HOOK_OUT(self);
    if (__builtin_expect(sched.attention == NULL, 1) && next != NULL) {
        sched.current = next;
        HOOK_IN(next);
        arch_switch(&self->sp, &next->sp);
    } else {
        sched.head[sched.level] = next;
        sched.level = SCHED_LEVELS;
        sched.current = NULL;
        arch_switch(&self->sp, &sched.sp);
    }
}

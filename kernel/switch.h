// SPDX-License-Identifier: MIT
//
// How one tasklet gives way to another. Private to sched.c, wait.c and tasklet.c, which inline it:
// a switch is a function call, and these are the instructions around it.
#pragma once

#include "kernel/sched.h"
#include "kernel/tasklet.h"

static inline struct tasklet *successor(const struct tasklet *t)
{
    return container_of(t->waiter.link.next, struct tasklet, waiter.link);
}

void sched_ready_elsewhere(struct tasklet *t);

// Puts t, which is in no queue, at the end of its level. Contexts: tasklet, poll.
static inline void sched_ready(struct tasklet *t)
{
    t->state = TASKLET_READY;
    if (__builtin_expect(t->level == sched.level, 1)) {
        list_insert_before(&sched.current->waiter.link, &t->waiter.link);
    } else {
        sched_ready_elsewhere(t);
    }
}

// Takes the running tasklet out of the run queue; returns who follows it, NULL if it was the last of
// its level. Until switch_to() nothing may become ready, for `current` is no place in the queue now.
static inline struct tasklet *switch_prepare(struct tasklet *self)
{
    struct tasklet *next = successor(self);

    if (__builtin_expect(next == self, 0)) {
        return NULL;
    }
    list_remove(&self->waiter.link);
    return next;
}

// Gives the processor to `next`, or to the loop if there is none or somebody wants attention. Returns
// when `self` runs again.
static inline void switch_to(struct tasklet *self, struct tasklet *next)
{
    HOOK_OUT(self);
    if (__builtin_expect(sched.attention.any == 0, 1) && next != NULL) {
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

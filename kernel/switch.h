// SPDX-License-Identifier: MIT
//
// How one tasklet gives way to another. Private to the kernel, which inlines it: a switch is a
// function call, and these are the instructions around it. With -Os there is one copy of each.
#pragma once

#include "kernel/panic.h"
#include "kernel/sched.h"
#include "kernel/tasklet.h"

KERNEL_INLINE void sched_ready(struct tasklet *t);
KERNEL_INLINE void wait_end_here(struct waiter *w, int result);
KERNEL_INLINE void wait_end_polled(struct waiter *w, int result);
KERNEL_INLINE intptr_t switch_to(struct tasklet *self, struct tasklet *next);
KERNEL_INLINE intptr_t switch_away(struct tasklet *self, struct tasklet *next);

// A rare turn, one copy.
intptr_t switch_to_loop(struct tasklet *self, struct tasklet *next);

static inline struct tasklet *tasklet_successor(const struct tasklet *t)
{
    return container_of(t->waiter.link.next, struct tasklet, waiter.link);
}

// Puts t, which is in no queue, at the end of its level. Contexts: tasklet, poll.
KERNEL_INLINE void sched_ready(struct tasklet *t)
{
    struct tasklet **slot = &sched_ring[t->waiter.level], *first = *slot;

    t->queue = NULL;
    if (first != NULL) {
        list_insert_before(&first->waiter.link, &t->waiter.link);
        return;
    }
    list_init(&t->waiter.link);
    *slot = t;
    if (slot > sched.running) {
        sched.attention = &sched_higher;
    }
}

// wait_end() for where it is worth its forty bytes: between tasklets. The slot of a level is empty if the
// tasklet is the first of its level, and always for one of several waiters, whose level there is none:
// one look finds both.
KERNEL_INLINE void wait_end_here(struct waiter *w, int result)
{
    struct tasklet *first = sched_ring[w->level], *t = container_of(w, struct tasklet, waiter);

    if (!CONFIG_FAST || __builtin_expect(first == NULL, 0)) {
        wait_end(w, result);
        return;
    }
    ASSERT(t->queue != NULL, "wait_end: the wait is over already");
    list_remove(&w->link);
    list_insert_before(&first->waiter.link, &w->link);
    w->result = result;
    t->queue = NULL;
}

// The same for poll context, where usually nobody else is ready, and where no level is above the
// running one.
KERNEL_INLINE void wait_end_polled(struct waiter *w, int result)
{
    struct tasklet **slot = &sched_ring[w->level], *first = *slot;
    struct tasklet *t = container_of(w, struct tasklet, waiter);

    if (!CONFIG_FAST || __builtin_expect(w->level == SCHED_LEVELS, 0)) {
        wait_end(w, result);
        return;
    }
    ASSERT(t->queue != NULL, "wait_end: the wait is over already");
    list_remove(&w->link);
    w->result = result;
    t->queue = NULL;
    if (__builtin_expect(first != NULL, 0)) {
        list_insert_before(&first->waiter.link, &w->link);
        return;
    }
    list_init(&w->link);
    *slot = t;
}

// Gives the processor to `next`, who follows `self` in the ring, or to the loop if somebody wants
// attention. Returns when `self` runs again, with the value it is resumed with.
KERNEL_INLINE intptr_t switch_to(struct tasklet *self, struct tasklet *next)
{
    struct tasklet **running = sched.running;

    if (__builtin_expect(sched.attention != NULL, 0)) {
        return switch_to_loop(self, next);
    }
    HOOK_OUT(self);
    *running = next;
    HOOK_IN(next);
    return arch_switch(self, next);
}

// The same for one who has left the ring, and whom `next` has followed there: itself, if it was alone.
KERNEL_INLINE intptr_t switch_away(struct tasklet *self, struct tasklet *next)
{
    return next == self ? switch_to_loop(self, NULL) : switch_to(self, next);
}

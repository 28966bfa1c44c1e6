// SPDX-License-Identifier: MIT
//
// What the begin of each tasklet is, wherever its stack lies. Private to tasklet.c and shared_stack.c; in
// between they give it its stack pointer.
#pragma once

#include "kernel/switch.h"

// What is not set here is undefined until the first wait, or belongs to the options.
static inline void tasklet_set_up(struct tasklet *t, const char *name, void *arg, void *base)
{
    t->name = name;
    t->base = base;
    t->watcher = 0;
    t->deferred = NULL;
    t->timer.link.next = NULL;
    t->timer.fire = NULL; // wait_timeout()
    t->waiter.level = PRIORITY_NORMAL;
    t->waiter.flags = 0;
    t->waiter.shield = 0;
    t->waiter.ended = 0;
    t->waiter.data = arg;
}

static inline void tasklet_start(struct tasklet *t)
{
    HOOK_SPAWN(t);
    list_insert_before(&tasklet_all, &t->all);
    sched_ready(t);
}

// SPDX-License-Identifier: MIT
#include "kernel/tasklet_pool.h"

#include <errno.h>

#include "kernel/panic.h"

static bool is_busy(const struct tasklet *t)
{
    return t != NULL && tasklet_state(t) < TASKLET_EXITED;
}

// A piece whose tasklet has ended, or that had none; its index, or -1. The search goes round, so that
// it is short as a rule.
static int find_free(struct tasklet_pool *p)
{
    for (unsigned n = 0; n < p->count; n++) {
        unsigned i = p->next;

        p->next = (uint16_t)(i + 1u == p->count ? 0 : i + 1u);
        if (!is_busy(p->tasklets[i])) {
            return (int)i;
        }
    }
    return -1;
}

// One joins, the others wait for him to be done with that.
static void next_joins(struct tasklet_pool *p)
{
    if (!p->joined) {
        waitq_wake_one(&p->others);
    }
}

// Waits until one of the busy ones ends, as if the caller joined all of them at once; or until it is his
// turn to do so.
static int wait_for_one(struct tasklet_pool *p, const char *in, deadline_t d)
{
    if (p->joined) {
        return wait_on(&p->others, in, d);
    }
    p->joined = true;
    for (unsigned i = 0; i < p->count; i++) {
        if (is_busy(p->tasklets[i])) {
            p->tasklets[i]->joiner = tasklet_self();
        }
    }
    int result = wait_alone(in, d);

    for (unsigned i = 0; i < p->count; i++) {
        if (p->tasklets[i] != NULL) {
            p->tasklets[i]->joiner = NULL;
        }
    }
    p->joined = false;
    next_joins(p);
    return result;
}

int tasklet_pool_spawn(struct tasklet_pool *p, const char *name, void (*fn)(void *), void *arg,
                       deadline_t d)
{
    ASSERT(p != NULL && tasklet_self() != NULL, "tasklet_pool_spawn: no pool, or not in a tasklet");
    int free;

    while ((free = find_free(p)) < 0) {
        int waited = wait_for_one(p, "tasklet_pool_spawn", d);

        if (waited < 0) {
            return waited;
        }
    }
    p->tasklets[free] = tasklet_spawn(name, fn, arg, p->memory + (size_t)free * p->size, p->size);
    next_joins(p);
    return 0;
}

unsigned tasklet_pool_busy(const struct tasklet_pool *p)
{
    unsigned n = 0;

    for (unsigned i = 0; i < p->count; i++) {
        n += is_busy(p->tasklets[i]);
    }
    return n;
}

int tasklet_pool_end(struct tasklet_pool *p, deadline_t d)
{
    for (unsigned i = 0; i < p->count; i++) {
        if (is_busy(p->tasklets[i])) {
            tasklet_cancel(p->tasklets[i]);
        }
    }
    while (tasklet_pool_busy(p) > 0) {
        int waited = wait_for_one(p, "tasklet_pool_end", d);

        if (waited < 0) {
            return waited;
        }
    }
    next_joins(p);
    return 0;
}

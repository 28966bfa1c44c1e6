// SPDX-License-Identifier: MIT
#include "kernel/group.h"

#include <errno.h>

#include "kernel/contain.h"
#include "kernel/panic.h"

void group_init(struct group *g, const char *name)
{
    *g = (struct group){ 0 };
    waitq_init(&g->ended, name);
}

struct tasklet *group_spawn(struct group *g, const char *name, void (*fn)(void *), void *arg,
                            void *mem, size_t size)
{
    ASSERT(g != NULL && g->alive < UINT16_MAX, "group_spawn: the group is NULL, or full");
    struct tasklet *t = tasklet_spawn(name, fn, arg, mem, size);

    group_add(g, t);
    return t;
}

void group_add(struct group *g, struct tasklet *t)
{
    ASSERT(g != NULL && t != NULL && t->watcher == 0 && t->waiter.ended == 0 &&
               g->alive < UINT16_MAX,
           "group_add: NULL, or a tasklet that has ended or is waited for");
    panic_contain = contain;
    t->watcher = (uintptr_t)g | WATCHED_BY_GROUP;
    g->alive++;
}

void group_member_ended(struct group *g, int value)
{
    g->alive--;
    if (value < 0 && g->error == 0) {
        g->error = (int16_t)value;
    }
    waitq_wake_all(&g->ended);
}

int group_wait(struct group *g, deadline_t d)
{
    ASSERT(g != NULL, "group_wait: NULL");
    return g->alive == 0 ? -ESRCH : wait_on(&g->ended, "group_wait", d);
}

int group_join(struct group *g, deadline_t d)
{
    ASSERT(g != NULL, "group_join: NULL");
    while (g->alive > 0) {
        int waited = wait_on(&g->ended, "group_join", d);

        if (waited < 0) {
            return waited;
        }
    }
    int error = g->error;

    g->error = 0;
    return error;
}

unsigned group_cancel(struct group *g)
{
    ASSERT(g != NULL, "group_cancel: NULL");
    unsigned n = 0;

    for (struct list *l = tasklet_all.next; l != &tasklet_all; l = l->next) {
        struct tasklet *t = container_of(l, struct tasklet, all);

        if (t->watcher == ((uintptr_t)g | WATCHED_BY_GROUP)) {
            tasklet_cancel(t);
            n++;
        }
    }
    return n;
}

int group_end(struct group *g, deadline_t d)
{
    group_cancel(g);
    while (g->alive > 0) {
        int waited = wait_on(&g->ended, "group_end", d);

        if (waited < 0) {
            return waited;
        }
    }
    g->error = 0;
    return 0;
}

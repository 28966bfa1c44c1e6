// SPDX-License-Identifier: MIT
#include "kernel/tasklet_pool.h"

#include <errno.h>

#include "kernel/panic.h"

// A piece whose tasklet has ended, or that had none; its index, or -1. The search goes round, so that
// it is short as a rule.
static int find_free(struct tasklet_pool *p)
{
    for (unsigned n = 0; n < p->count; n++) {
        unsigned i = p->next;

        p->next = (uint16_t)(i + 1u == p->count ? 0 : i + 1u);
        if (p->tasklets[i] == NULL || tasklet_state(p->tasklets[i]) == TASKLET_EXITED) {
            return (int)i;
        }
    }
    return -1;
}

// Those who wait for one are told of each end in the order in which they came, so who came first finds it.
int tasklet_pool_spawn(struct tasklet_pool *p, const char *name, void (*fn)(void *), void *arg,
                       deadline_t d)
{
    ASSERT(p != NULL && tasklet_self() != NULL, "tasklet_pool_spawn: no pool, or not in a tasklet");
    int free;

    while ((free = find_free(p)) < 0) {
        int waited = wait_on(&p->group.ended, "tasklet_pool_spawn", d);

        if (waited < 0) {
            return waited;
        }
    }
    p->tasklets[free] =
        group_spawn(&p->group, name, fn, arg, p->memory + (size_t)free * p->size, p->size);
    return 0;
}

int tasklet_pool_end(struct tasklet_pool *p, deadline_t d)
{
    ASSERT(p != NULL, "tasklet_pool_end: NULL");
    return group_end(&p->group, d);
}

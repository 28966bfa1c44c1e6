// SPDX-License-Identifier: MIT
//
// Tasklets from a pool: memory for a number of them, given out at spawn and taken back when one has
// ended. For servers with a tasklet per connection: when all are busy, the spawner waits, and with it
// whoever knocks.
//
//     static TASKLET_POOL(workers, 16, 1024);
//     ...
//     tasklet_pool_spawn(&workers, "echo", serve, sock, FOREVER);
//
// They are a group (kernel/group.h): one that fails ends alone, and nobody joins them.
#pragma once

#include <stdbool.h>

#include "kernel/group.h"

struct tasklet_pool {
    unsigned char *memory;     // count pieces of `size` bytes
    struct tasklet **tasklets; // by piece; NULL: never used
    uint32_t size;
    uint16_t count;
    uint16_t next; // where to look first
    struct group group;
};

// Defines a pool of `its_count` tasklets with `stack` bytes of stack each, besides what the kernel needs.
#define TASKLET_POOL(its_name, its_count, stack)                                                   \
    struct tasklet_pool its_name = {                                                               \
        .memory = (unsigned char *)(struct { TASKLET_MEMORY(memory, stack); }[its_count]){},       \
        .tasklets = (struct tasklet *[its_count]){},                                               \
        .size = sizeof(struct { TASKLET_MEMORY(memory, stack); }),                                 \
        .count = (its_count),                                                                      \
        .group = { .ended = WAITQ_INIT((its_name).group.ended, #its_name) },                       \
    }

// Starts fn(arg) as a tasklet of normal priority, as tasklet_spawn() does, as soon as one of the pool is
// free. 0; -ETIMEDOUT, -ECANCELED, -EAGAIN (NOWAIT). Context: tasklet.
int tasklet_pool_spawn(struct tasklet_pool *p, const char *name, void (*fn)(void *), void *arg,
                       deadline_t d);

// How many run now. Contexts: tasklet, poll.
static inline unsigned tasklet_pool_busy(const struct tasklet_pool *p)
{
    return p->group.alive;
}

// Asks all to end (tasklet_cancel), and waits until they have. 0; -ETIMEDOUT, -ECANCELED, -EAGAIN.
// Context: tasklet.
int tasklet_pool_end(struct tasklet_pool *p, deadline_t d);

// SPDX-License-Identifier: MIT
//
// Pools: a fixed number of blocks of one size, so that memory runs out where it is expected, with
// an error. Allocation and release are a few instructions, whatever the pool's size.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "kernel/wait.h"

struct pool {
    struct waitq waiting; // for a block
    void *free;           // the first free block, which points to the next
    uint8_t *blocks;      // all
    uint32_t size;        // of a block, in bytes
    uint16_t count;       // of blocks
    uint16_t fresh;       // blocks that were never handed out: the last so many
    uint16_t used;        // now
    uint16_t most;        // ever
};

// Defines a pool of `its_count` objects of a type, as large as a pointer at least.
#define POOL(its_name, type, its_count)                                                            \
    struct pool its_name = {                                                                       \
        .waiting = WAITQ_INIT((its_name).waiting, #its_name),                                      \
        .blocks = (uint8_t *)(union {                                                              \
            __typeof__(type) object;                                                               \
            void *link;                                                                            \
        }[its_count]){},                                                                           \
        .size = sizeof(union {                                                                     \
            __typeof__(type) object;                                                               \
            void *link;                                                                            \
        }),                                                                                        \
        .count = (its_count),                                                                      \
        .fresh = (its_count),                                                                      \
    }

// The same at run time: memory for count blocks of `size` bytes, a multiple of the size of a
// pointer.
void pool_init(struct pool *p, const char *name, void *memory, size_t size, size_t count);

// A block, its contents undefined; NULL if all are in use. Contexts: tasklet, poll.
void *pool_alloc(struct pool *p);

// A block, for which the caller waits: 0 and *block, or -ETIMEDOUT, -ECANCELED, -EAGAIN (NOWAIT).
// Context: tasklet.
int pool_wait(struct pool *p, void **block, deadline_t d);

// Gives a block back. NULL is ignored; one that is not of this pool, or not in use as far as can be
// seen, is an assertion. Contexts: tasklet, poll.
void pool_free(struct pool *p, void *block);

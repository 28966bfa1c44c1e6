// SPDX-License-Identifier: MIT
#include "kernel/pool.h"

#include <errno.h>

#include "kernel/panic.h"
#include "kernel/tasklet.h"

void pool_init(struct pool *p, const char *name, void *memory, size_t size, size_t count)
{
    ASSERT(memory != NULL && size >= sizeof(void *) && size % sizeof(void *) == 0 &&
               count <= UINT16_MAX,
           "pool_init: memory, size or count out of range");
    *p = (struct pool){
        .blocks = memory,
        .size = (uint32_t)size,
        .count = (uint16_t)count,
        .fresh = (uint16_t)count,
    };
    waitq_init(&p->waiting, name);
}

static void count_one(struct pool *p)
{
    p->used++;
    if (p->used > p->most) {
        p->most = p->used;
    }
}

void *pool_alloc(struct pool *p)
{
    ASSERT(p != NULL, "pool_alloc: the pool is NULL");
    void *block = p->free;

    if (block != NULL) {
        p->free = *(void **)block;
    } else if (p->fresh > 0) {
        block = p->blocks + (size_t)(p->count - p->fresh) * p->size;
        p->fresh--;
    } else {
        return NULL;
    }
    count_one(p);
    return block;
}

// Who waited is given the block's number.
int pool_wait(struct pool *p, void **block, deadline_t d)
{
    sched_spend();
    *block = pool_alloc(p);
    if (*block != NULL) {
        return 0;
    }
    int number = wait_on(&p->waiting, "pool_wait", d);

    if (number < 0) {
        return number;
    }
    *block = p->blocks + (size_t)number * p->size;
    return 0;
}

// A block goes straight to who has waited longest for one.
void pool_free(struct pool *p, void *block)
{
    if (block == NULL) {
        return;
    }
    size_t offset = (size_t)((uint8_t *)block - p->blocks);

    ASSERT(offset < (size_t)p->count * p->size && offset % p->size == 0 && p->used > 0,
           "pool_free: not a block of this pool");
    if (!waitq_empty(&p->waiting)) {
        wait_end(waitq_first(&p->waiting), (int)(offset / p->size));
        return;
    }
    *(void **)block = p->free;
    p->free = block;
    p->used--;
}

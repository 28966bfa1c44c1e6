// SPDX-License-Identifier: MIT
#include "io/block.h"

#include <errno.h>
#include <string.h>

#include "kernel/oneshot.h"
#include "kernel/panic.h"
#include "kernel/pool.h"
#include "kernel/tasklet.h"

// A request, and all of it that outlives a caller who gives up. It has two owners, caller and device; who
// comes last gives it back:
//
//     pool --> caller --submit--> caller and device --done--> caller --> pool
//                                        |
//                                        +--gives up--> device --done--> pool
struct work {
    struct block_request request;
    struct oneshot done;
    struct block_device *device;
    struct list link; // in `abandoned`, from when the caller gave up
    bool is_abandoned;
    _Alignas(8) uint8_t copy[BLOCK_PIECE];
};

static POOL(works, struct work, BLOCK_CALLS);
static struct list abandoned = LIST_INIT(abandoned);
static struct waitq settled = WAITQ_INIT(settled, "abandoned block requests");

// The callback. Its result goes to who waits, and if nobody does, then to nobody.
static void on_done(struct block_request *r, int result)
{
    struct work *w = container_of(r, struct work, request);

    if (!w->is_abandoned) {
        oneshot_fire(&w->done, result);
        return;
    }
    list_remove(&w->link);
    pool_free(&works, w);
    waitq_wake_all(&settled);
}

// An abandoned write that must be over before *r begins.
static bool in_the_way(const struct work *w, const struct block_device *d,
                       const struct block_request *r)
{
    const struct block_request *old = &w->request;

    return w->device == d && old->op == BLOCK_WRITE &&
           (r->op == BLOCK_FLUSH ||
            (old->sector < r->sector + r->count && r->sector < old->sector + old->count));
}

static bool is_free(const struct block_device *d, const struct block_request *r)
{
    for (struct list *l = abandoned.next; l != &abandoned; l = l->next) {
        if (in_the_way(container_of(l, struct work, link), d, r)) {
            return false;
        }
    }
    return true;
}

// The call: begin, with as many tries as it takes.
static int begin(struct work *w, deadline_t deadline)
{
    for (;;) {
        struct waitq *queue = &settled;

        if (is_free(w->device, &w->request)) {
            int result = block_submit(w->device, &w->request);

            if (result != -EAGAIN) {
                return result;
            }
            queue = &w->device->room;
        }
        int waited = wait_on(queue, "block_submit", deadline);

        if (waited < 0) {
            return waited;
        }
    }
}

// The wait. After it, look who came first: a request that is done is not abandoned, and one that is done
// before its caller runs again is not late.
static int finish(struct work *w, deadline_t deadline)
{
    intptr_t result;
    int waited = oneshot_wait(&w->done, &result, deadline);

    if (waited == 0) {
        return (int)result;
    }
    if (!w->done.fired) {
        w->is_abandoned = true;
        list_insert_before(&abandoned, &w->link);
    } else if (waited == -ETIMEDOUT) {
        return (int)w->done.value;
    }
    return waited;
}

// One request from here to there. `count` sectors of `buffer` fit into a copy.
static int move(struct block_device *d, enum block_op op, uint64_t sector, void *buffer,
                size_t count, deadline_t deadline)
{
    size_t n = count * d->sector_size;
    struct work *w;
    void *block;
    int result = pool_wait(&works, &block, deadline);

    if (result < 0) {
        return result;
    }
    w = block;
    w->request = (struct block_request){
        .op = op, .sector = sector, .count = (uint16_t)count, .buffer = w->copy, .done = on_done
    };
    w->device = d;
    w->is_abandoned = false;
    oneshot_init(&w->done, d->name);
    if (op == BLOCK_WRITE) {
        memcpy(w->copy, buffer, n);
    }
    result = begin(w, deadline);
    if (result == 0) {
        result = finish(w, deadline);
    }
    if (result == 0 && op == BLOCK_READ) {
        memcpy(buffer, w->copy, n);
    }
    if (!w->is_abandoned) {
        pool_free(&works, w);
    }
    return result;
}

// Piece by piece. Who was cancelled after some pieces hears of it in the next call.
static int transfer(struct block_device *d, enum block_op op, uint64_t sector, uint8_t *buffer,
                    size_t count, deadline_t deadline)
{
    int error = block_check(d, op, sector, count);
    size_t most, moved = 0;

    if (error != 0 || d->sector_size > BLOCK_PIECE) {
        return error != 0 ? error : -EINVAL;
    }
    if (deadline.ticks == 0) {
        sched_spend();
        return -EAGAIN;
    }
    most = (size_t)BLOCK_PIECE / d->sector_size;
    while (moved < count) {
        size_t n = count - moved < most ? count - moved : most;
        int result = move(d, op, sector + moved, buffer + moved * d->sector_size, n, deadline);

        if (result < 0 && moved == 0) {
            return result;
        }
        if (result < 0) {
            if (result == -ECANCELED) {
                tasklet_cancel(tasklet_self());
            }
            break;
        }
        moved += n;
    }
    return (int)moved;
}

int block_read(struct block_device *d, uint64_t sector, void *buffer, size_t count,
               deadline_t deadline)
{
    ASSERT(d != NULL && buffer != NULL, "block_read: NULL");
    return transfer(d, BLOCK_READ, sector, buffer, count, deadline);
}

int block_write(struct block_device *d, uint64_t sector, const void *buffer, size_t count,
                deadline_t deadline)
{
    ASSERT(d != NULL && buffer != NULL, "block_write: NULL");
    return transfer(d, BLOCK_WRITE, sector, (uint8_t *)(uintptr_t)buffer, count, deadline);
}

int block_flush(struct block_device *d, deadline_t deadline)
{
    ASSERT(d != NULL, "block_flush: NULL");
    int error = block_check(d, BLOCK_FLUSH, 0, 0);

    if (error != 0) {
        return error;
    }
    if (deadline.ticks == 0) {
        sched_spend();
        return -EAGAIN;
    }
    return move(d, BLOCK_FLUSH, 0, NULL, 0, deadline);
}

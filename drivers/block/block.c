// SPDX-License-Identifier: MIT
#include "drivers/block/block.h"

#include <errno.h>

#include "kernel/panic.h"

int block_start(struct block_device *d)
{
    ASSERT(d != NULL, "block_start: NULL");
    if (d->started) {
        return 0;
    }
    int error = d->driver->start(d);

    d->started = error == 0;
    return error;
}

int block_check(const struct block_device *d, enum block_op op, uint64_t sector, size_t count)
{
    if (!d->started) {
        return -ENODEV;
    }
    if (op == BLOCK_FLUSH) {
        return 0;
    }
    if (op > BLOCK_FLUSH || count == 0 || sector >= d->sectors || count > d->sectors - sector) {
        return -EINVAL;
    }
    return op == BLOCK_WRITE && d->read_only ? -EROFS : 0;
}

int block_submit(struct block_device *d, struct block_request *r)
{
    ASSERT(d != NULL && r != NULL && r->done != NULL, "block_submit: NULL");
    ASSERT(r->op == BLOCK_FLUSH || r->buffer != NULL, "block_submit: no buffer");
    int error = block_check(d, r->op, r->sector, r->count);

    if (error == 0) {
        error = d->driver->submit(d, r);
    }
    if (error == 0) {
        d->in_device++;
        if (d->in_device > d->most) {
            d->most = d->in_device;
        }
    }
    return error;
}

// done() may submit again, so the room is counted before; who waits for it runs later and looks again.
void block_done(struct block_device *d, struct block_request *r, int result)
{
    d->in_device--;
    if (result < 0) {
        d->errors++;
    }
    waitq_wake_one(&d->room);
    r->done(r, result);
}

// SPDX-License-Identifier: MIT
#include "drivers/block/ram.h"

#include <errno.h>
#include <string.h>

static void move(struct block_ram *disk, const struct block_request *r)
{
    size_t size = disk->device.sector_size, n = r->count * size;
    uint8_t *at = disk->data + (size_t)r->sector * size;

    if (r->op == BLOCK_READ) {
        memcpy(r->buffer, at, n);
    } else if (r->op == BLOCK_WRITE) {
        memcpy(at, r->buffer, n);
    }
}

static void finish(struct timer *t)
{
    struct block_ram_slot *slot = container_of(t, struct block_ram_slot, timer);
    struct block_request *r = slot->request;

    slot->request = NULL;
    if (slot->fault == 0) {
        move(slot->disk, r);
    }
    block_done(&slot->disk->device, r, slot->fault);
}

static int start(struct block_device *d)
{
    struct block_ram *disk = container_of(d, struct block_ram, device);

    for (unsigned i = 0; i < d->depth; i++) {
        disk->slots[i] = (struct block_ram_slot){ .timer = TIMER_INIT(finish), .disk = disk };
    }
    return 0;
}

static int submit(struct block_device *d, struct block_request *r)
{
    struct block_ram *disk = container_of(d, struct block_ram, device);
    struct block_ram_slot *slot = disk->slots;

    if (d->in_device == d->depth) {
        return -EAGAIN;
    }
    while (slot->request != NULL) {
        slot++;
    }
    slot->request = r;
    slot->fault = disk->fault;
    timer_arm(&slot->timer, after_ticks(disk->delay));
    return 0;
}

const struct block_driver block_ram = { .start = start, .submit = submit };

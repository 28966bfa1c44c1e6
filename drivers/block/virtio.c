// SPDX-License-Identifier: MIT
#include "drivers/block/virtio.h"

#include <errno.h>

#include "drivers/irq/irq.h"
#include "drivers/virtio/virtio.h"
#include "kernel/panic.h"
#include "kernel/poller.h"

// A request is a chain of two or three descriptors [5.2.6]. Request number i has those from PARTS * i on:
//
//     PARTS * i         + 1               + 2
//     [ header ] -----> [ the buffer ] -> [ status ]     the device writes the status, and what is read
//         |                                  ^
//         +----------- of a flush -----------+
enum { PARTS = 3, DEPTH = VIRTQ_SIZE / PARTS };

enum {
    SECTOR = 512,
    REQUEST_QUEUE = 0,
    F_READ_ONLY = 1 << 5, // features [5.2.3]
    F_FLUSH = 1 << 9,
    CONFIG_CAPACITY = 0, // two words [5.2.4]
    TYPE_IN = 0,
    TYPE_OUT = 1,
    TYPE_FLUSH = 4,
    STATUS_OK = 0,
    STATUS_UNSUPPORTED = 2,
    STATUS_NONE = 0xFF, // ours: the device has not written it
};

struct header {
    uint32_t type;
    uint32_t reserved;
    uint64_t sector;
};

static struct {
    struct virtio device;
    struct virtq queue;
    struct block_request *requests[DEPTH]; // with the device; NULL: none
    struct header headers[DEPTH];
    volatile uint8_t statuses[DEPTH];
    struct list nothing_to_do; // requests that are done without the device
} state;
static struct virtq_memory memory;
static struct block_device *disk; // whose state it is

// ---- Down ----

static void describe_header(unsigned i, const struct block_request *r)
{
    static const uint8_t types[] = {
        [BLOCK_READ] = TYPE_IN, [BLOCK_WRITE] = TYPE_OUT, [BLOCK_FLUSH] = TYPE_FLUSH
    };

    state.headers[i] =
        (struct header){ .type = types[r->op], .sector = r->op == BLOCK_FLUSH ? 0 : r->sector };
    virtq_describe(&state.queue, PARTS * i, &state.headers[i], sizeof state.headers[i], VIRTQ_NEXT);
    memory.table[PARTS * i].next = (uint16_t)(PARTS * i + (r->op == BLOCK_FLUSH ? 2 : 1));
}

static void describe_buffer(unsigned i, const struct block_request *r)
{
    virtq_describe(&state.queue, PARTS * i + 1, r->buffer, (size_t)r->count * SECTOR,
                   r->op == BLOCK_READ ? VIRTQ_NEXT | VIRTQ_WRITE : VIRTQ_NEXT);
    memory.table[PARTS * i + 1].next = (uint16_t)(PARTS * i + 2);
}

static void describe_status(unsigned i)
{
    state.statuses[i] = STATUS_NONE;
    virtq_describe(&state.queue, PARTS * i + 2, (void *)(uintptr_t)&state.statuses[i], 1,
                   VIRTQ_WRITE);
}

static void poll(struct poller *p);
static struct poller poller = POLLER_INIT(poll);

static int submit(struct block_device *d, struct block_request *r)
{
    unsigned i = 0;

    (void)d;
    if (r->op == BLOCK_FLUSH && (state.device.features & F_FLUSH) == 0) {
        list_insert_before(&state.nothing_to_do, &r->link);
        poller_kick(&poller);
        return 0;
    }
    while (i < DEPTH && state.requests[i] != NULL) {
        i++;
    }
    if (i == DEPTH) {
        return -EAGAIN;
    }
    state.requests[i] = r;
    describe_header(i, r);
    if (r->op != BLOCK_FLUSH) {
        describe_buffer(i, r);
    }
    describe_status(i);
    virtq_post(&state.device, &state.queue, PARTS * i);
    return 0;
}

// ---- Up ----

static int result_of(uint8_t status)
{
    return status == STATUS_OK ? 0 : status == STATUS_UNSUPPORTED ? -ENOTSUP : -EIO;
}

// Ends one request that the device is through with; false if there is none.
static bool take_one(void)
{
    uint32_t
        written; // nothing hangs on it: the status is the last byte, and says whether it is there
    int id = virtq_take(&state.queue, &written);

    if (id == -EAGAIN) {
        return false;
    }
    if (id < 0) {
        disk->errors++;
        return true;
    }
    unsigned i = (unsigned)id / PARTS;
    struct block_request *r = state.requests[i];

    state.requests[i] = NULL;
    block_done(disk, r, result_of(state.statuses[i]));
    return true;
}

// What came back between the last look and the wish for interrupts causes none.
static void poll(struct poller *p)
{
    for (unsigned looks = VIRTQ_SIZE; looks > 0 && !list_empty(&state.nothing_to_do); looks--) {
        struct list *first = state.nothing_to_do.next;

        list_remove(first);
        block_done(disk, container_of(first, struct block_request, link), 0);
    }
    for (unsigned looks = VIRTQ_SIZE; looks > 0 && take_one(); looks--) {
    }
    virtq_quiet(&state.queue, false);
    if (virtq_waiting(&state.queue) > 0 || !list_empty(&state.nothing_to_do)) {
        poller_kick(p);
    }
}

void block_virtio_interrupt(struct block_device *d)
{
    if (d->started && virtio_acknowledge(&state.device)) {
        virtq_quiet(&state.queue, true);
        poller_kick(&poller);
    }
}

// ---- The device ----

// The two words may change in between.
static uint64_t capacity(const struct virtio *v)
{
    uint32_t high, low;

    do {
        high = virtio_config32(v, CONFIG_CAPACITY + 4);
        low = virtio_config32(v, CONFIG_CAPACITY);
    } while (high != virtio_config32(v, CONFIG_CAPACITY + 4));
    return (uint64_t)high << 32 | low;
}

static int start(struct block_device *d)
{
    int error;

    ASSERT(disk == NULL || disk == d, "block_virtio: one device in a program");
    disk = d;
    state.device = (struct virtio){ .base = d->base, .line = d->line };
    error = virtio_start(&state.device, VIRTIO_BLOCK, F_READ_ONLY | F_FLUSH);
    if (error != 0) {
        return error;
    }
    state.queue.memory = &memory;
    error = virtq_start(&state.device, &state.queue, REQUEST_QUEUE);
    if (error != 0) {
        virtio_fail(&state.device);
        return error;
    }
    list_init(&state.nothing_to_do);
    d->sectors = capacity(&state.device);
    d->sector_size = SECTOR;
    d->depth = DEPTH;
    d->read_only = (state.device.features & F_READ_ONLY) != 0;
    if (poller.index == 0) {
        poller_register(&poller);
    }
    virtio_ready(&state.device);
    virtq_quiet(&state.queue, false);
    irq_enable(state.device.line, IRQ_NORMAL);
    return 0;
}

const struct block_driver block_virtio = { .start = start, .submit = submit };

// SPDX-License-Identifier: MIT
//
// The virtio block driver against a device that is plain memory: what it asks for, and what it believes of
// the answers. The driver is included, so that its ring can be seen from here.
#include "drivers/block/virtio.c"

#include <string.h>

#include "tests/kernel/suite.h"

enum { SLOT_LINE = 1, SECTORS = 100, QUEUE_MAX = 256, COUNT = 2 };

// The registers that the driver reads, by word.
static uint32_t registers[0x200 / 4];
enum {
    MAGIC = 0,
    VERSION = 1,
    TYPE = 2,
    DEVICE_FEATURES = 4,
    QUEUE_SIZE_MAX = 13,
    INTERRUPT_STATUS = 24,
    STATUS = 28,
    CONFIG = 64,
    MODERN = 1, // the same word of features is read twice; bit 32 is seen as bit 0
};

static struct block_device dev = BLOCK_DEVICE_INIT(dev, "disk", &block_virtio);
static struct block_request asked[DEPTH + 1];
static uint32_t data[COUNT * SECTOR / 4];
static int last_result;
static unsigned ended;

static int start_with(uint32_t version, uint32_t type, uint32_t features, uint32_t queue)
{
    memset(registers, 0, sizeof registers);
    registers[MAGIC] = 0x74726976;
    registers[VERSION] = version;
    registers[TYPE] = type;
    registers[DEVICE_FEATURES] = features;
    registers[QUEUE_SIZE_MAX] = queue;
    registers[CONFIG] = SECTORS;
    dev.started = false;
    dev.in_device = 0;
    dev.errors = 0;
    dev.base = (uintptr_t)registers;
    dev.line = SLOT_LINE;
    memset(state.requests, 0, sizeof state.requests);
    last_result = 1;
    ended = 0;
    return block_start(&dev);
}

static void start_good(void)
{
    CHECK_IS(start_with(2, VIRTIO_BLOCK, MODERN | F_FLUSH, QUEUE_MAX), 0);
    tasklet_yield(); // the poller's first turn
}

static void on_end(struct block_request *r, int result)
{
    CHECK(tasklet_self() == NULL);
    (void)r;
    last_result = result;
    ended++;
}

static int ask(unsigned i, enum block_op op, uint64_t sector)
{
    asked[i] = (struct block_request){
        .op = op, .sector = sector, .count = COUNT, .buffer = data, .done = on_end
    };
    return block_submit(&dev, &asked[i]);
}

// The device gives a chain back, and interrupts.
static void give(uint32_t id)
{
    unsigned at = memory.used.index % VIRTQ_SIZE;

    memory.used.ring[at].id = id;
    memory.used.ring[at].length = 1;
    memory.used.index++;
    registers[INTERRUPT_STATUS] = 1;
    block_virtio_interrupt(&dev);
    tasklet_yield();
}

static void only_what_it_knows(void)
{
    CHECK_IS(start_with(3, VIRTIO_BLOCK, MODERN, QUEUE_MAX), -ENODEV);
    CHECK_IS(start_with(2, VIRTIO_NETWORK, MODERN, QUEUE_MAX), -ENODEV);
    CHECK_IS(start_with(2, VIRTIO_BLOCK, 0, QUEUE_MAX), -ENODEV); // no VERSION_1
    CHECK_IS(start_with(2, VIRTIO_BLOCK, MODERN, VIRTQ_SIZE / 2), -ENODEV);
    CHECK_IS(registers[STATUS] & 128, 128);
    CHECK_IS(ask(0, BLOCK_READ, 0), -ENODEV);
    block_virtio_interrupt(&dev); // nobody's
}

static void what_it_is(void)
{
    start_good();
    CHECK_IS(dev.sectors, SECTORS);
    CHECK_IS(dev.sector_size, SECTOR);
    CHECK_IS(dev.depth, 5);
    CHECK(!dev.read_only);
    CHECK_IS(registers[STATUS], 15);
    CHECK_IS(start_with(1, VIRTIO_BLOCK, F_READ_ONLY, QUEUE_MAX), 0);
    CHECK(dev.read_only);
    CHECK_IS(ask(0, BLOCK_WRITE, 0), -EROFS);
    CHECK_IS(ask(0, BLOCK_READ, SECTORS - 1), -EINVAL);
}

static void check_header(const struct virtq_descriptor *d, uint32_t type, uint64_t sector)
{
    const struct header *h = (const struct header *)(uintptr_t)d->address;

    CHECK_IS(d->length, 16);
    CHECK_IS(h->type, type);
    CHECK_IS(h->sector, sector);
    CHECK_IS(d->flags, VIRTQ_NEXT);
}

static void check_buffer(const struct virtq_descriptor *d, uint16_t flags)
{
    CHECK_IS(d->address, (uintptr_t)data);
    CHECK_IS(d->length, sizeof data);
    CHECK_IS(d->flags, flags);
}

static void check_status(const struct virtq_descriptor *d)
{
    CHECK_IS(d->length, 1);
    CHECK_IS(d->flags, VIRTQ_WRITE);
}

// What the device is shown.
static void chains(void)
{
    const struct virtq_descriptor *t = memory.table;

    start_good();
    CHECK_IS(ask(0, BLOCK_READ, 7), 0);
    CHECK_IS(ask(1, BLOCK_WRITE, SECTORS - COUNT), 0);
    CHECK_IS(ask(2, BLOCK_FLUSH, 9), 0);
    CHECK_IS(memory.available.index, 3);
    for (uint16_t i = 0; i < 3; i++) {
        CHECK_IS(memory.available.ring[i], 3 * i);
    }
    check_header(&t[0], TYPE_IN, 7);
    CHECK_IS(t[0].next, 1);
    check_buffer(&t[1], VIRTQ_NEXT | VIRTQ_WRITE);
    CHECK_IS(t[1].next, 2);
    check_status(&t[2]);
    check_header(&t[3], TYPE_OUT, SECTORS - COUNT);
    check_buffer(&t[4], VIRTQ_NEXT);
    check_header(&t[6], TYPE_FLUSH, 0);
    CHECK_IS(t[6].next, 8);
    check_status(&t[8]);
}

static void results(void)
{
    static const struct {
        uint8_t status;
        int result;
    } rows[] = { { 0, 0 }, { 1, -EIO }, { 2, -ENOTSUP }, { 3, -EIO }, { STATUS_NONE, -EIO } };

    start_good();
    for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        CHECK_IS(ask(0, BLOCK_READ, 0), 0);
        CHECK_IS(state.statuses[0], STATUS_NONE);
        state.statuses[0] = rows[i].status;
        give(0);
        CHECK_IS(last_result, rows[i].result);
    }
    CHECK_IS(ended, sizeof rows / sizeof rows[0]);
    CHECK_IS(dev.in_device, 0);
}

static void any_order(void)
{
    start_good();
    for (unsigned i = 0; i < DEPTH; i++) {
        CHECK_IS(ask(i, BLOCK_READ, i), 0);
    }
    CHECK_IS(ask(DEPTH, BLOCK_READ, 0), -EAGAIN);
    state.statuses[3] = 0;
    give(PARTS * 3);
    CHECK_IS(last_result, 0);
    CHECK_IS(ask(DEPTH, BLOCK_READ, 0), 0);
    CHECK(state.requests[3] == &asked[DEPTH]);
    CHECK_IS(dev.in_device, DEPTH);
}

// It ends nothing that the device does not have, and does no end of work for one interrupt.
static void identities(void)
{
    start_good();
    CHECK_IS(ask(0, BLOCK_READ, 0), 0);
    give(1); // the middle of a chain
    give(3);
    give(VIRTQ_SIZE);
    give(UINT32_MAX);
    CHECK_IS(ended, 0);
    CHECK_IS(dev.errors, 4);
    memory.used.index = (uint16_t)(memory.used.index + 5000);
    give(0);
    CHECK(ended <= 1);
    for (unsigned i = 0; i < 5000 / VIRTQ_SIZE + 2; i++) {
        tasklet_yield();
    }
    CHECK_IS(virtq_waiting(&state.queue), 0);
    CHECK(ended <= 1);
}

static void interrupts_of_others(void)
{
    start_good();
    CHECK_IS(ask(0, BLOCK_READ, 0), 0);
    memory.used.ring[0].id = 0;
    memory.used.index++;
    registers[INTERRUPT_STATUS] = 0;
    block_virtio_interrupt(&dev);
    tasklet_yield();
    CHECK_IS(ended, 0);
    registers[INTERRUPT_STATUS] = 1;
    block_virtio_interrupt(&dev);
    tasklet_yield();
    CHECK_IS(ended, 1);
    CHECK_IS(memory.available.flags, 0); // it listens again
}

static void nothing_to_flush(void)
{
    CHECK_IS(start_with(2, VIRTIO_BLOCK, MODERN, QUEUE_MAX), 0);
    CHECK_IS(ask(0, BLOCK_FLUSH, 0), 0);
    CHECK_IS(ended, 0);
    tasklet_yield();
    CHECK_IS(ended, 1);
    CHECK_IS(last_result, 0);
    CHECK_IS(memory.available.index, 0);
    CHECK_IS(dev.in_device, 0);
}

int main(void)
{
    static const struct suite_case cases[] = {
        CASE(only_what_it_knows),
        CASE(what_it_is),
        CASE(chains),
        CASE(results),
        CASE(any_order),
        CASE(identities),
        CASE(interrupts_of_others),
        CASE(nothing_to_flush),
    };

    SUITE_RUN("virtio_block", cases);
}

// SPDX-License-Identifier: MIT
#include "tests/block/hand.h"

#include <errno.h>
#include <string.h>

#include "kernel/poller.h"
#include "tests/kernel/suite.h"

static int start(struct block_device *d)
{
    d->sectors = HAND_SECTORS;
    d->sector_size = 512;
    return 0;
}

static int submit(struct block_device *d, struct block_request *r)
{
    if (hand.count == d->depth) {
        return -EAGAIN;
    }
    hand.in[hand.count++] = r;
    if (r->op == BLOCK_FLUSH) {
        note("f");
    } else {
        note_number(r->op == BLOCK_READ ? "r" : "w", (int)r->sector);
    }
    return 0;
}

static const struct block_driver driver = { .start = start, .submit = submit };
struct hand hand;

static void move(const struct block_request *r)
{
    for (unsigned i = 0; r->op != BLOCK_FLUSH && i < r->count; i++) {
        uint8_t *sector = (uint8_t *)r->buffer + 512 * i, *at = &hand.medium[r->sector + i];

        if (r->op == BLOCK_READ) {
            memset(sector, *at, 512);
        } else {
            *at = sector[0];
        }
    }
}

void hand_end_now(unsigned i, int result)
{
    CHECK(i < hand.count);
    if (i < hand.count) {
        struct block_request *r = hand.in[i];

        hand.count--;
        memmove(&hand.in[i], &hand.in[i + 1], (hand.count - i) * sizeof hand.in[0]);
        if (result == 0) {
            move(r);
        }
        block_done(&hand.device, r, result);
    }
}

static unsigned next;
static int next_result;

static void poll(struct poller *unused)
{
    (void)unused;
    if (next < HAND_DEPTH) {
        hand_end_now(next, next_result);
        next = HAND_DEPTH;
    }
}

static struct poller poller = POLLER_INIT(poll);

void hand_begin(unsigned depth)
{
    if (poller.index == 0) {
        next = HAND_DEPTH;
        poller_register(&poller);
    }
    hand = (struct hand){ .device = { .driver = &driver, .name = "hand" } };
    hand.device.depth = (uint16_t)depth;
    waitq_init(&hand.device.room, "hand");
    block_start(&hand.device);
}

void hand_end(unsigned i, int result)
{
    next = i;
    next_result = result;
    poller_kick(&poller);
    for (int turns = 0; turns < 4; turns++) {
        tasklet_yield(); // those whom the poller wakes, and those whom these wake
    }
}

void hand_end_all(void)
{
    while (hand.count > 0) {
        hand_end(0, 0);
    }
}

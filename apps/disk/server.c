// SPDX-License-Identifier: MIT
#include "apps/disk/server.h"

#include <errno.h>

#include "kernel/callgraph.h"
#include "kernel/chan.h"
#include "kernel/select.h"
#include "kernel/tasklet.h"

SERVICE(disk, struct disk_message, struct disk_message);
struct disk_stats disk_stats;

enum slot_state { FREE, WAITS, IN_DEVICE };

static struct slot {
    enum slot_state state;
    uint32_t number; // of the call, in the order in which they came
    uint32_t sweep;  // in which it has its turn
    struct call call;
    struct disk_message message; // the client's, and the reply
    struct block_request request;
} slots[DISK_SLOTS];

struct outcome {
    struct slot *slot;
    int result;
};

static CHAN(finished, struct outcome, DISK_SLOTS); // from the device's poller to the server
static uint32_t calls;                             // so far
static uint32_t sweep;                             // the present one; even: upwards
static unsigned in_device;                         // slots

// ---- Which one next ----

// Of numbers that count for ever, and begin again.
static bool earlier(uint32_t a, uint32_t b)
{
    return (int32_t)(a - b) < 0;
}

// Calls on one sector are done in the order in which they came, and a flush after all earlier writes. So a
// write whose client gave up while it was in the device cannot undo what came after it.
static bool must_follow(const struct slot *later, const struct slot *sooner)
{
    if (later->message.op == BLOCK_FLUSH) {
        return sooner->message.op == BLOCK_WRITE;
    }
    return sooner->message.op != BLOCK_FLUSH && later->message.sector == sooner->message.sector;
}

static bool may_begin(const struct slot *slot)
{
    for (const struct slot *s = slots; s < slots + DISK_SLOTS; s++) {
        if (s->state != FREE && earlier(s->number, slot->number) && must_follow(slot, s)) {
            return false;
        }
    }
    return true;
}

static bool lies_before(const struct slot *a, const struct slot *b)
{
    if (a->sweep != b->sweep) {
        return earlier(a->sweep, b->sweep);
    }
    return a->sweep % 2 == 0 ? a->message.sector < b->message.sector
                             : a->message.sector > b->message.sector;
}

// The elevator: a sweep goes upwards over all sectors that wait, the next one downwards. Who calls while a
// sweep is on its way has to wait for the next (FSCAN), so that nobody is passed over for ever. NULL if
// nobody waits who may begin.
static struct slot *next_on_the_way(void)
{
    struct slot *next = NULL;

    for (struct slot *s = slots; s < slots + DISK_SLOTS; s++) {
        if (s->state == WAITS && may_begin(s) && (next == NULL || lies_before(s, next))) {
            next = s;
        }
    }
    if (next != NULL && earlier(sweep, next->sweep)) {
        sweep = next->sweep;
    }
    return next;
}

// ---- The life of a call ----

static bool overtakes(const struct slot *slot)
{
    for (const struct slot *s = slots; s < slots + DISK_SLOTS; s++) {
        if (s->state != FREE && earlier(s->number, slot->number)) {
            return true;
        }
    }
    return false;
}

// Answers, and frees the slot.
static void end(struct slot *slot, int result)
{
    int sent = result == 0 ? service_reply(&slot->call, &slot->message)
                           : service_refuse(&slot->call, result);

    if (sent != 0) {
        disk_stats.given_up++;
    } else if (result != 0) {
        disk_stats.refused++;
    } else {
        disk_stats.answered++;
        disk_stats.out_of_order += overtakes(slot);
    }
    slot->state = FREE;
}

// Poll context: the channel has room for all slots, so nothing waits here.
static void on_done(struct block_request *r, int result)
{
    struct outcome outcome = { container_of(r, struct slot, request), result };

    chan_send(&finished, &outcome, NOWAIT);
}
DOES_NOT_SWITCH(on_done, chan_send);

// Into the device; or the end of it, if nobody wants it any more.
static void begin(struct block_device *device, struct slot *slot)
{
    if (!call_wanted(&slot->call)) {
        disk_stats.dropped++;
        end(slot, -ECANCELED);
        return;
    }
    slot->request = (struct block_request){ .op = (enum block_op)slot->message.op,
                                            .count = 1,
                                            .sector = slot->message.sector,
                                            .buffer = slot->message.data,
                                            .done = on_done };
    int error = block_submit(device, &slot->request);

    if (error != 0) {
        end(slot, error);
        return;
    }
    slot->state = IN_DEVICE;
    in_device++;
}

static void begin_some(struct block_device *device)
{
    unsigned most = device->depth < DISK_AT_ONCE ? device->depth : DISK_AT_ONCE;

    while (in_device < most) {
        struct slot *next = next_on_the_way();

        if (next == NULL) {
            return;
        }
        begin(device, next);
    }
}

// Receives a call into a free slot. 0 also if it was given up before that; otherwise the service has ended.
static int take_call(const struct block_device *device, struct slot *slot)
{
    int result = service_recv(&disk, &slot->message, &slot->call, NOWAIT);

    if (result != 0) {
        return result == -EAGAIN ? 0 : result;
    }
    slot->state = WAITS;
    slot->number = calls++;
    slot->sweep = sweep + 1;
    result = block_check(device, (enum block_op)slot->message.op, slot->message.sector, 1);
    if (result != 0) {
        end(slot, result);
    }
    return 0;
}

static struct slot *find_free(void)
{
    for (struct slot *s = slots; s < slots + DISK_SLOTS; s++) {
        if (s->state == FREE) {
            return s;
        }
    }
    return NULL;
}

static void done_with(const struct outcome *outcome)
{
    in_device--;
    end(outcome->slot, outcome->result);
}

// The device still works on slots: they are not left before it is through with them.
static void stop(void)
{
    struct outcome outcome;

    tasklet_shield();
    service_close(&disk);
    while (in_device > 0 && chan_recv(&finished, &outcome, FOREVER) == 0) {
        done_with(&outcome);
    }
    for (struct slot *s = slots; s < slots + DISK_SLOTS; s++) {
        if (s->state == WAITS) {
            end(s, -EPIPE);
        }
    }
    tasklet_unshield();
}

// ---- The server ----

// Two things can happen: the device is through with something, or somebody calls. With no slot free it
// listens to the device alone; callers stand in line meanwhile.
int disk_serve(struct block_device *device)
{
    static struct selector selector;
    struct outcome outcome;
    int ended = 0;

    if (device->sector_size != DISK_SECTOR) {
        return -EINVAL;
    }
    while (ended == 0) {
        struct slot *slot = find_free();
        struct select_case cases[] = { SELECT_RECV(&finished, &outcome), SELECT_SERVICE(&disk) };
        int chosen = chan_select_with(&selector, cases, slot != NULL ? 2 : 1, FOREVER);

        if (chosen == 0) {
            done_with(&outcome);
        } else {
            ended = chosen == 1 ? take_call(device, slot) : chosen;
        }
        begin_some(device);
    }
    stop();
    return 0;
}

// SPDX-License-Identifier: MIT
//
// A disk server: one tasklet behind a service, between many clients and one block device. It shows what a
// server of one's own looks like that holds several calls at a time:
//
//     clients --service_call()--> [ a slot each: waiting -> in the device -> answered ]
//
// A client's whole message is copied into a slot, and the device works on the slot: a client that gives up
// leaves nothing that the device could trip over. Up to DISK_AT_ONCE requests are in the device; of those
// that wait the server takes what lies next on the way (see next_on_the_way()), so answers do not come in
// the order of the calls.
#pragma once

#include "drivers/block/block.h"
#include "kernel/service.h"

enum {
    DISK_SECTOR = 512, // bytes; the device's sectors have as many
    DISK_SLOTS = 8,    // calls that the server holds; more clients stand in line
    DISK_AT_ONCE = 4,  // requests in the device, or fewer if it takes fewer
};

// Request and reply alike: what a read fills in is in the reply, all else comes back as it was.
struct disk_message {
    uint64_t sector;
    uint8_t op; // enum block_op; of a byte, so that no cast makes a good one out of a bad one
    uint8_t data[DISK_SECTOR];
};

// Call it with service_call(&disk, &message, &message, deadline). What that returns, and besides: -EINVAL
// for an op or a sector that does not exist, -EROFS, -EIO. A write that the client gave up is not begun any
// more, or done entirely; either way before any later call on that sector.
extern struct service disk;

struct disk_stats {
    uint32_t answered;     // calls
    uint32_t out_of_order; // of those, before one that came earlier
    uint32_t refused;      // bad requests, and those that the device failed
    uint32_t given_up;     // nobody wanted the answer any more
    uint32_t dropped;      // of those, not even begun
};
extern struct disk_stats disk_stats;

// Serves the device, which is started and nobody else's, until the service is closed or the tasklet is
// cancelled; closes the service, waits for the device, and returns 0. -EINVAL at once if the device has
// other sectors. Context: tasklet.
int disk_serve(struct block_device *device);

// SPDX-License-Identifier: MIT
//
// A block device by hand: it keeps what it is given until the test says that it is done, so that the order of
// events is the test's, whatever the time. Notes each request that goes in: "r5" reads sector 5, "w5" writes
// it, "f" flushes. Its medium has a byte for each sector.
#pragma once

#include "drivers/block/block.h"

enum { HAND_SECTORS = 64, HAND_DEPTH = 8 };

struct hand {
    struct block_device device;
    struct block_request *in[HAND_DEPTH]; // in the order in which they came
    unsigned count;
    uint8_t medium[HAND_SECTORS]; // the first byte of each sector
};
extern struct hand hand;

// As new and started, with room for `depth` requests.
void hand_begin(unsigned depth);

// Request number i of those that are in ends now. Context: poll.
void hand_end_now(unsigned i, int result);

// The same from a tasklet, by way of the poller; then all others have had a turn.
void hand_end(unsigned i, int result);

// All that are in, and all that come in meanwhile, the first one first.
void hand_end_all(void);

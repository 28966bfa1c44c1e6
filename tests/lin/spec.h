// SPDX-License-Identifier: MIT
//
// What channels are, one operation after the other. It is not how kernel/chan.c does it: a channel
// here is a queue of offers and a queue of takers, and one rule settles them.
//
//     offers:  first .. capacity-1 | capacity .. last          takers: first .. last
//              their senders are     their senders wait
//              done
//
//     The first taker gets the first offer, as long as there are both. Who has offered one of the
//     first `capacity` offers is done.
//
// Rendezvous is capacity 0: an offer then waits until it is taken, and the two are done together.
#pragma once

#include "tests/lin/history.h"

enum { LIN_QUEUE = 8 }; // all tasklets may wait behind a full buffer

struct lin_queue {
    uint8_t count;
    uint8_t ops[LIN_QUEUE]; // LIN_NONE behind the last, so that states can be compared
};

struct lin_state {
    uint64_t begun, done; // operations, as bits
    struct lin_queue offers[LIN_CHANNELS], takers[LIN_CHANNELS];
    uint8_t closed; // channels, as bits
    uint8_t due;    // tasklets whose next wait is cancelled, as bits
    uint8_t none[6];
};

void lin_state_init(struct lin_state *s);

// The operation takes effect. False if its result, or that of one that it ends, is not what the
// history says.
bool lin_begin(struct lin_state *s, const struct lin_history *h, unsigned op);

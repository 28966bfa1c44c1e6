// SPDX-License-Identifier: MIT
//
// The wire between the host's Ethernet device and its peer, in virtual time, and the bad world on it:
// frames are lost, doubled, held back, spoilt and late, by a seed. The same seed and the same frames
// give the same run. What happens to a frame is drawn alike whatever the faults are set to, so that one
// more fault leaves the others where they were.
//
//     wire_carry() --- lost? spoilt? doubled? ---> in flight: a host_event ---> arrive()
//                                                      delay, jitter, held back?
//
// The names are those of the fields of struct wire_faults: "loss=3,dup=10,delay=200,seed=7".
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct wire_faults {
    uint32_t loss;    // per cent of the frames that never arrive
    uint32_t dup;     // per cent that arrive a second time, up to `hold` later
    uint32_t reorder; // per cent that arrive `hold` later, so that others overtake them
    uint32_t corrupt; // per cent of the IP packets with one byte spoilt; see below
    uint32_t delay;   // microseconds from here to there
    uint32_t jitter;  // up to so many more; without reordering
    uint32_t hold;    // microseconds that a frame is held back
    uint32_t rate;    // kilobits per second; 0 for no limit. Above it wire_room() is false
    uint32_t up;      // milliseconds that the link is up, from half to one and a half of this ...
    uint32_t down;    // ... and then down; 0 in one of the two: always up
    uint32_t seed;    // of all chance
};

// Any Internet checksum notices one spoilt byte among those that it covers. Ethernet's own check would
// notice it anywhere; as there is none here, headers of Ethernet and frames without IP are spared.

#define WIRE_CLEAN                                                                                 \
    {                                                                                              \
        .delay = 100, .hold = 1000, .seed = 1                                                      \
    }

// What was done to the frames since wire_set().
struct wire_counts {
    uint32_t carried;    // frames given to wire_carry()
    uint32_t arrived;    // copies of them included
    uint32_t lost;       //
    uint32_t duplicated; //
    uint32_t reordered;  // held back
    uint32_t corrupted;  //
    uint32_t crowded;    // lost because there were too many in flight
    uint32_t cut;        // lost because the link was down when they should have arrived
    uint32_t flaps;      // times the link went down by itself
};

enum {
    WIRE_FLIGHT = 512,    // frames, at most
    WIRE_FRAME_MAX = 1514 // bytes
};

// The end where frames arrive. All are called in interrupt context, link() by wire_link() as well.
struct wire_end {
    void (*arrive)(const uint8_t *frame, size_t n);
    void (*link)(bool up);
    void (*room)(void); // after wire_room() was false
};

// Sets the faults that a text names, the others stay. False if the text is no such list.
bool wire_parse(struct wire_faults *f, const char *text);

// Connects the wire, with these faults. In virtual time only. Contexts: boot, tasklet, poll.
void wire_open(const struct wire_end *end, const struct wire_faults *f);

// From now on these faults; chance begins anew, and all counts at 0. What is in flight arrives.
void wire_set(const struct wire_faults *f);

// False if the rate is reached. Contexts: tasklet, poll.
bool wire_room(void);

// Takes a copy of a frame along, whether there is room or not. Contexts: tasklet, poll.
void wire_carry(const uint8_t *frame, size_t n);

// Pulls the plug, or puts it in again. Contexts: tasklet, poll.
void wire_link(bool up);

// Any context.
const struct wire_counts *wire_counts(void);

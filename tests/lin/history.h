// SPDX-License-Identifier: MIT
//
// Histories: what tasklets did to channels, and when. An operation has an interval; somewhere in it
// it takes effect. One that has to wait takes effect twice: it takes its place in the queue between
// `invoked` and `waited`, and its counterpart ends it before `returned` (Scherer and Scott,
// Nonblocking concurrent data structures with condition synchronization, DISC 2004). So that "first
// come, first served" can be judged, the place in the queue has an interval of its own.
//
//     invoked      waited                         returned
//        |-- begins --|------ somebody ends it ------|
//
// Times are numbers of steps: two for each, its beginning and its end.
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum {
    LIN_CHANNELS = 2,
    LIN_CAPACITY = 2, // at most
    LIN_TASKLETS = 4,
    LIN_POLLER = LIN_TASKLETS, // who: poll context
    LIN_CLOCK,                 // who: time itself
    LIN_OPS = 48,
    LIN_NEVER = UINT16_MAX,
    LIN_NONE = UINT8_MAX,
};

enum lin_kind {
    LIN_SEND,
    LIN_RECV,
    LIN_SELECT,
    LIN_CLOSE,
    LIN_CANCEL, // of another tasklet, or of oneself
    LIN_TIME,   // the deadlines of all who wait with a finite one pass
};
enum lin_patience { LIN_NOWAIT, LIN_FINITE, LIN_FOREVER };

struct lin_case {
    uint8_t chan;
    bool send;
};

// What can be done. Of a send or receive, cases[0] says where; a select has two.
struct lin_action {
    uint8_t kind;     // enum lin_kind
    uint8_t patience; // enum lin_patience
    uint8_t target;   // the channel that is closed, the tasklet that is cancelled
    struct lin_case cases[2];
};

// What was done. The element that an operation sends is its own number in the history.
struct lin_op {
    struct lin_action action;
    uint8_t who;
    uint16_t invoked, waited, returned; // LIN_NEVER: it did not wait, it still waits
    int16_t result;                     // 0 or a negative errno
    uint8_t chosen; // the case that the result is about; LIN_NONE: it is about none
    uint8_t got;    // the element that was received
};

struct lin_history {
    uint8_t capacity[LIN_CHANNELS];
    uint8_t count;
    struct lin_op ops[LIN_OPS];
};

static inline unsigned lin_cases(const struct lin_action *a)
{
    return a->kind == LIN_SELECT ? 2 : a->kind <= LIN_RECV ? 1 : 0;
}

// Can the history be explained: is there an order of its operations, each in its interval, in which
// the channels of spec.h give these results?
bool lin_explained(const struct lin_history *h);

// To the first serial port, an operation a line.
void lin_print(const struct lin_history *h);

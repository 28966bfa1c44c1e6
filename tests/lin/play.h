// SPDX-License-Identifier: MIT
//
// Programs of tasklets and the order in which they are scheduled, as data. In a cooperative kernel the
// order is all the chance there is, so a list of steps determines what happens. Who makes a step
// begins its next operation, and runs until it waits or has the result; one that was woken meanwhile
// runs only when a step says so.
#pragma once

#include "kernel/select.h"
#include "tests/lin/history.h"

enum { LIN_STEPS = 40 };

struct lin_step {
    uint8_t who;
    uint8_t action; // index; of a tasklet that is in an operation, and of time: 0
    bool together;  // with the next one: in one stretch, whose order is not noted
};

struct lin_program {
    uint8_t capacity[LIN_CHANNELS];
    uint8_t tasklets;
    uint8_t steps;
    uint8_t actions;
    const struct lin_action *action;
    struct lin_step step[LIN_STEPS];
};

// Wrong calls in place of those of chan.h and select.h; NULL: the right one.
struct lin_calls {
    const char *name;
    int (*send)(struct chan *c, const void *elem, deadline_t d);
    int (*recv)(struct chan *c, void *elem, deadline_t d);
    int (*close)(struct chan *c);
    int (*select)(struct select_case *cases, size_t n, deadline_t d);
};

extern const struct lin_calls lin_right;
extern const struct lin_calls lin_wrong[];
extern const unsigned lin_wrong_count;

// Runs the program and writes down what happened. Returns the number of steps, or the index of the
// first that has no effect: its tasklet waits, or has no such action. With `strict` it stops there.
unsigned lin_play(const struct lin_program *p, const struct lin_calls *calls, bool strict,
                  struct lin_history *h);

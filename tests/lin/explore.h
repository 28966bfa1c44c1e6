// SPDX-License-Identifier: MIT
//
// Looking for a program that channels cannot explain: among all of a kind, or by chance.
#pragma once

#include "tests/lin/play.h"

// A kind of programs: what each of the tasklets may do at each of the steps. What poll context may do, it
// may too, and time may pass.
struct lin_world {
    const char *name;
    uint8_t capacity[LIN_CHANNELS];
    uint8_t tasklets, steps, actions;
    const struct lin_action *action;
};

// All programs, under all schedules. Stops at the first that cannot be explained: false, and it is in *p.
// Adds to *histories.
bool lin_explore(const struct lin_world *w, const struct lin_calls *calls, struct lin_program *p,
                 unsigned *histories);

// A program by chance, of the suite's random numbers. True if it can be explained.
bool lin_try(const struct lin_world *w, const struct lin_calls *calls, struct lin_program *p);

// Leaves out steps, one at a time, as long as what is left cannot be explained either.
void lin_shrink(struct lin_program *p, const struct lin_calls *calls);

// The same, and prints what is left.
void lin_report(struct lin_program *p, const struct lin_calls *calls);

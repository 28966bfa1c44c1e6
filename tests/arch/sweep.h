// SPDX-License-Identifier: MIT
//
// What the files of the sweep share: the strike and the tasklets that wait for it, and what went wrong.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "kernel/signal.h"
#include "kernel/tasklet.h"

enum {
    HELPERS = 3,
    HELPER_STACK = 768,
    LIMIT_MS = 50 // a raise that was lost is given up after this
};

// A scenario runs once for each number of ticks after which the strike comes, from 1 up.
struct scenario {
    const char *name;
    void (*begin)(void);
    void (*run)(uint32_t ticks); // orders the strike, and checks what it must have brought
    void (*end)(void);
    uint32_t ticks; // the last
};

// Something a tasklet does, with a strike somewhere in it.
struct work {
    const char *name;
    void (*run)(void);
    uint32_t ticks; // how long it takes, at most
};

extern const struct scenario sweep_waits[]; // a name of NULL ends it
extern const struct work sweep_works[];

extern struct signal sig;    // raised by the strike
extern struct signal second; // raised by arch_trigger()
extern struct signal own;    // raised by tasklets and timers

extern volatile uint32_t strikes; // that came
extern volatile uint32_t seconds; // raises of `second` that begin_computing()'s helper has seen
extern volatile bool over;        // the helpers end

// Notes a failure if the condition does not hold.
void check(bool condition, const char *text, uint32_t ticks);

// Orders the strike.
void strike_at(uint32_t ticks);

// After the strike was waited for: it was one, its raise counted once, and every queue is sound.
void check_once(uint32_t before, uint32_t ticks);

// Starts fn as the i-th helper.
void helper(unsigned i, void (*fn)(void *));

// Has them end, and waits for it.
void end_helpers(void);

// A helper that waits for `second` and counts; and one more that is always ready.
void begin_computing(void);
void begin_computing_among_others(void);
void end_computing(void);

// Yields until tasklets had every opportunity to see the second strike; the count before was `before`.
void check_second(uint32_t before, uint32_t ticks);

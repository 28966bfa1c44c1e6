// SPDX-License-Identifier: MIT
//
// What the suites of shared stacks have in common: two stacks with one save area, and tasklets on them.
#pragma once

#include "kernel/semaphore.h"
#include "kernel/shared_stack.h"
#include "tests/kernel/suite.h"

enum {
    TALKS = 6,
    SHARED_DEPTH = 192 * sizeof(uintptr_t),
    SHARED_AREA = TALKS * SHARED_RESERVE + 3 * SHARED_DEPTH
};

extern struct save_area area;
extern struct stack stack, other_stack;
extern struct shared_tasklet talks[TALKS];
extern struct semaphore sem;

// Starts talks[i]: on a stack, or on `stack`. start_on() gives it a turn, too; with NULL it has a stack of
// its own.
struct tasklet *talk_on(struct stack *s, unsigned i, const char *name, void (*fn)(void *),
                        void *arg);
struct tasklet *talk(unsigned i, const char *name, void (*fn)(void *), void *arg);
void start_on(struct stack *s, unsigned i, void (*fn)(void *));

// Joins one; or the first n and all workers, of which none fails.
int end_of(struct tasklet *t);
void wait_for_talks(unsigned n);

// Nobody lies on a stack, and nothing is promised to anybody.
void all_is_given_back(void);

// step() with the result of a wait. Numbers of errors are not the same everywhere.
enum { CANCELLED = 9, TIMED_OUT = 8 };
void step_result(int result);

// Whoever lies on the stack is saved, and its place overwritten.
void spoil(struct stack *s);
void spoil_both(void);

// Locals that must stay as they are.
enum { KEPT = 7 };

struct kept {
    volatile uint32_t words[KEPT];
};

void keep(struct kept *k, uint32_t seed);
bool is_kept(const struct kept *k, uint32_t seed);

// Calls fn(arg) from `depth` frames further down, which keep their locals.
void below(unsigned depth, void (*fn)(void *), void *arg);

// For tasklets: nothing; three steps with a turn for others after each; as many waits for `sem`; one.
void nothing(void *unused);
void three_turns(void *number);
void take_three(void *unused);
void take_in_reserve(void *unused);

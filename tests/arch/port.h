// SPDX-License-Identifier: MIT
//
// What the files of the port suite share: tasklets in memory that each test uses again, and the two
// interrupts that the suite owns. An alarm comes whenever the clock says so, between any two
// instructions; the other one when somebody calls arch_trigger().
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kernel/tasklet.h"

enum { WORKERS = 3, WORKER_STACK = 512, DEEP_STACK = 2048 };

// A tasklet under test.
struct worker {
    struct tasklet *tasklet;
    void *memory;
    uintptr_t seed;    // of what it has in its registers
    unsigned rounding; // its mode
    bool floats;       // it uses floating point
    unsigned wrong;    // what it found damaged
};

extern struct worker workers[WORKERS];

// Starts fn(&workers[i]) for the first n, with floats for those whose bit is set.
void workers_start(unsigned n, unsigned floats, void (*fn)(void *));

// Waits for them. True if they all came to their end and nothing was wrong.
bool workers_end(unsigned n);

// Fills registers with values made of seed, calls fn, counts those that changed. No switch may leave
// the tasklet in between but by fn.
unsigned saved_damaged(uintptr_t seed, void (*fn)(void));
unsigned saved_float_damaged(uintptr_t seed, void (*fn)(void));

// The same for every register there is, while nothing happens but interrupts.
unsigned all_damaged(uintptr_t seed, uint32_t rounds);
unsigned all_float_damaged(uintptr_t seed, uint32_t rounds);

// What the handlers saw. Written by them, read by anybody.
extern volatile struct handlers {
    uint32_t alarms;      // of the clock
    uint32_t in_tasklets; // those of them that interrupted a tasklet
    uint32_t triggered;   // software interrupts
    uint32_t wrong;       // context, stack or alignment were not as they must be
    uint32_t depth;       // handlers that run now
    uint32_t deepest;     // the most that ever did
} handlers;

// What software_interrupt() does besides; NULL: nothing.
extern void (*volatile handler_job)(void);

// Has a timer fire every 30 microseconds or so, and trigger the software interrupt, or no more.
void storm_start(void);
void storm_end(void);

// Waits without giving the processor away until so many alarms came; false if they do not.
bool spin_for_alarms(uint32_t n);

// ---- The tests ----

bool test_registers_yield(void);
bool test_registers_wait(void);
bool test_registers_timeout(void);
bool test_registers_poll(void);
bool test_switch_to_itself(void);
bool test_rounding(void);
bool test_rounding_of_new(void);
bool test_small_frame(void);
bool test_storm(void);
bool test_deep_stack(void);
bool test_alignment(void);
bool test_context(void);
bool test_masks(void);
bool test_nesting(void);
bool test_handler_stack(void);
bool test_idle_kicked(void);
bool test_idle_pending(void);

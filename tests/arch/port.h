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
#include "tests/arch/regs.h"

enum {
    WORKERS = 3,
    WORKER_STACK = 512,
    DEEP_STACK = 2048,
    SLOT = (TASKLET_MEMORY_MIN + WORKER_STACK + TASKLET_ALIGN - 1) / TASKLET_ALIGN * TASKLET_ALIGN,
    DEEP = TASKLET_MEMORY_MIN + DEEP_STACK
};

// A tasklet under test.
struct worker {
    struct tasklet *tasklet;
    uintptr_t seed;    // of what it has in its registers
    unsigned rounding; // its mode
    bool floats;       // it uses floating point
    unsigned wrong;    // what it found damaged
};

extern struct worker workers[WORKERS];

// The memory of the workers, or of the one tasklet with the deep stack.
extern union arena {
    unsigned char slots[WORKERS][SLOT], deep[DEEP];
} arena;

// Starts fn(&workers[i]) for the first n, with floats for those whose bit is set.
void workers_start(unsigned n, unsigned floats, void (*fn)(void *));

// Waits for them. True if nothing was wrong.
bool workers_end(unsigned n);

// Fills registers with values made of seed, calls fn, counts those that changed.
unsigned saved_damaged(uintptr_t seed, void (*fn)(void));
unsigned saved_float_damaged(uintptr_t seed, void (*fn)(void));

// The same for every register there is, while nothing happens but interrupts. One user at a time.
unsigned all_damaged(uintptr_t seed, uintptr_t rounds);
unsigned all_float_damaged(uintptr_t seed, uintptr_t rounds);

static inline bool port_is(uint32_t flag)
{
    return (regs_port.flags & flag) != 0;
}

// What the handlers saw. Written by them, read by anybody.
struct handlers {
    uint32_t alarms;      // of the clock
    uint32_t in_tasklets; // those of them that interrupted a tasklet
    uint32_t triggered;   // software interrupts
    uint32_t wrong;       // context, stack or alignment were not as they must be
    uint32_t depth;       // handlers that run now
    uint32_t deepest;     // the most that ever did
};
extern volatile struct handlers handlers;

// What software_interrupt() does besides; NULL: nothing.
extern void (*volatile handler_job)(void);

// From now on a timer fires every 30 microseconds or so, and triggers the software interrupt.
void storm_start(void);
void storm_end(void);

// ---- The tests ----

// port_registers.c
bool test_registers_yield(void);
bool test_registers_wait(void);
bool test_registers_timeout(void);
bool test_registers_poll(void);
bool test_switch_to_itself(void);
bool test_rounding_of_new(void);
bool test_small_frame(void);
bool test_storm(void);

// port_handlers.c
bool test_context(void);
bool test_masks(void);
bool test_nesting(void);
bool test_handler_stack(void);
bool test_idle_kicked(void);
bool test_idle_pending(void);

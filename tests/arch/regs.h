// SPDX-License-Identifier: MIT
//
// What the port suite must say in assembly: to have every register hold a known value, and to see
// what became of it. One source per architecture, regs_ARCH.S.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "tests/arch/regs_flags.h"

// What is true of the port. Lengths are in machine words; 0: there are no such registers.
struct regs_port {
    uint32_t saved;       // all registers that a called function must preserve
    uint32_t saved_float; // the same of floating point
    uint32_t all;         // all but the stack pointer, what the ABI reserves, and a counter; 0 also
    uint32_t all_float;   // where no interrupt ever comes between two instructions
    uint32_t frame;       // bytes that the hardware pushes on the interrupted stack at most
    uint32_t flags;       // REGS_ bits
};

extern const struct regs_port regs_port;

// Loads the registers from `in`, calls fn, stores them to `out`.
void regs_saved(const uintptr_t *in, uintptr_t *out, void (*fn)(void));
void regs_saved_float(const uintptr_t *in, uintptr_t *out, void (*fn)(void));

// Loads the registers from `in`, counts `rounds` down to zero, stores them to `out`. In between no
// register has any other use, and only an interrupt can change one.
void regs_all(const uintptr_t *in, uintptr_t *out, uintptr_t rounds);
void regs_all_float(const uintptr_t *in, uintptr_t *out, uintptr_t rounds);

// Overwrites every register that a handler may overwrite.
void regs_clobber(void);

// The stack pointer, as it was at the call of this function.
uintptr_t regs_sp(void);

// The rounding mode: 0 is to nearest, others are up to 3 in the processor's own order.
uint32_t regs_rounding(void);
void regs_set_rounding(uint32_t mode);

// True if the running tasklet has floating-point state. Does not touch any.
bool regs_float_active(void);

// Makes software_interrupt() the least urgent of all.
void regs_prepare(void);

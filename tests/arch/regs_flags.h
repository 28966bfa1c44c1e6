// SPDX-License-Identifier: MIT
//
// Bits of struct regs_port's flags, for C and assembly alike.
#pragma once

#define REGS_ROUNDING 1  // there is a rounding mode
#define REGS_NESTS    2  // an urgent interrupt preempts the handler of a lesser one
#define REGS_MASKS    4  // interrupts are real: they can be masked, and have a stack of their own
#define REGS_LAZY     8  // who does not use floating point has a smaller switch frame,
#define REGS_STATE    16 // and the processor tells: regs_float_active()

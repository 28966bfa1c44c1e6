// SPDX-License-Identifier: MIT
//
// A strike: one interrupt, a given number of ticks ahead, that no code of the kernel expects. With the
// right -icount (test_sweep.py) a tick is less than an instruction's time.
//
// ARM boards whose clock is not SysTick have it from SysTick. On RISC-V it shares the comparator with
// the kernel's alarm.
#pragma once

#include <stdint.h>

void strike_init(void);

// Any context.
void strike_arm(uint32_t ticks);
void strike_disarm(void);

// The program's: called in interrupt context with the address of the instruction before which the
// strike came.
void strike_hit(uintptr_t pc);

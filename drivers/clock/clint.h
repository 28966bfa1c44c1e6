// SPDX-License-Identifier: MIT
//
// The RISC-V machine timer in a SiFive CLINT: mtime and mtimecmp (privileged architecture 3.2.1).
#pragma once

#include <stdint.h>

// The board defines it: base address of the CLINT.
extern const uintptr_t clint_base;

void clock_clint_init(void);

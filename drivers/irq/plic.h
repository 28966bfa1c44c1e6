// SPDX-License-Identifier: MIT
//
// The RISC-V platform-level interrupt controller (PLIC specification 1.0.0), context 0 of hart 0 in
// machine mode.
#pragma once

#include <stdint.h>

// The board defines these: base address, and the number of entries in board_irqs.
extern const uintptr_t plic_base;
extern const unsigned board_irq_count;

void plic_init(void);

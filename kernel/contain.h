// SPDX-License-Identifier: MIT
//
// Containment: a tasklet that has failed ends, and nothing else. Private to group.c and the ports; a program
// without groups does not link it.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "kernel/panic.h"

// Can the running tasklet, which has failed as *r says at `pc`, end alone? Then it is marked as failed: the
// caller has it go on with reap(), on its stack from the top. Asked by panic.c through panic_contain.
bool contain(const struct panic_record *r, uintptr_t pc);

// Where a tasklet that has failed goes on: its clean-up and its end.
_Noreturn void reap(void);

// Goes on with fn with the stack pointer at `top`.
_Noreturn void arch_restart_at(void *top, void (*fn)(void));

// Inside of the kernel's own code.
bool arch_is_kernel(uintptr_t pc);

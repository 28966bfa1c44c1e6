// SPDX-License-Identifier: MIT
//
// A tasklet's stack in memory: painted, guarded, measured. Private to the kernel.
//
//      base                                              top
//      | guard |  painted, never used  |  in use  | struct tasklet |
//          ^ traps, or is a painted word that is looked at on each switch
#pragma once

#include "kernel/tasklet.h"

// Paints the stack below t->sp, which has its first frame, and computes its guard.
void stack_prepare(struct tasklet *t);

static inline void hook_stack_spawn(struct tasklet *t)
{
    if (CONFIG_PAINT || CONFIG_GUARD) {
        stack_prepare(t);
    }
}

// True if the painted word at the low end was overwritten.
bool stack_overrun(const struct tasklet *t);

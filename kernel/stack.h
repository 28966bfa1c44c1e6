// SPDX-License-Identifier: MIT
//
// A tasklet's stack in memory: painted, guarded, measured. Private to the kernel.
//
//      base                                              top
//      | guard |  painted, never used  |  in use  | struct tasklet |
//          ^ traps, or is a painted word that is looked at on each switch
//
// A shared stack is the same, with room for a part of a chunk above its top.
#pragma once

#include "kernel/shared_stack.h"
#include "kernel/tasklet.h"

static inline void *tasklet_stack_top(const struct tasklet *t)
{
    return (t->waiter.flags & TASKLET_SHARED) != 0
               ? (void *)((const struct shared_tasklet *)t)->stack->top
               : (void *)(uintptr_t)t;
}

// Paints the stack below t->sp, which has its first frame, and computes its guard.
void stack_prepare(struct tasklet *t);

static inline void hook_stack_spawn(struct tasklet *t)
{
    if (CONFIG_PAINT || CONFIG_GUARD) {
        stack_prepare(t);
    }
}

// The same of a shared stack that nobody lies on, up to `top`.
void stack_paint(void *base, void *top);

// Overwrites what a tasklet has left there: whoever reads it should notice.
void stack_poison(void *from, void *top);

// Is `address` on the stack that the running tasklet shares?
bool on_shared_stack(const void *address);

// True if the painted word at the low end was overwritten.
bool stack_overrun(const struct tasklet *t);

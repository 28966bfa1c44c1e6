// SPDX-License-Identifier: MIT
//
// Deep calls on the scheduler's stack. It is free while a tasklet runs, and as deep as pollers need it.
// So code that goes deep and never waits, a protocol's output for instance, can run there: its depth is
// paid once, and not by each tasklet. It costs about two dozen instructions.
#pragma once

#include <stdint.h>

#include "kernel/panic.h"
#include "kernel/tasklet.h"

// Runs fn(arg) there and returns what it returns. In poll context, or inside of such a call, it is a plain
// call. A wait or yield in it is an assertion. fn may use the caller's variables by `arg`.
// Contexts: tasklet, poll.
static inline intptr_t on_poll_stack(intptr_t (*fn)(void *arg), void *arg)
{
    ASSERT(!arch_in_interrupt(), "on_poll_stack: called from an interrupt");
    if (sched_current() == NULL || sched.on_poll_stack) {
        return fn(arg);
    }
    sched.on_poll_stack = 1;
    no_switch_begin();
    intptr_t result = arch_call_on((uintptr_t)sched.sp, fn, arg);

    no_switch_end();
    sched.on_poll_stack = 0;
    return result;
}

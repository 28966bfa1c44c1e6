// SPDX-License-Identifier: MIT
#include "kernel/poll_stack.h"

#include "kernel/panic.h"
#include "kernel/tasklet.h"

intptr_t on_poll_stack(intptr_t (*fn)(void *arg), void *arg)
{
    ASSERT(!arch_in_interrupt(), "on_poll_stack: called from an interrupt");
    if (sched.current == NULL || sched.on_poll_stack) {
        return fn(arg);
    }
    sched.on_poll_stack = 1;
    no_switch_begin();
    uintptr_t top = arch_stack_pointer(sched.sp) & ~(uintptr_t)(ARCH_STACK_ALIGN - 1);
    intptr_t result = arch_call_on(top, fn, arg);

    no_switch_end();
    sched.on_poll_stack = 0;
    return result;
}

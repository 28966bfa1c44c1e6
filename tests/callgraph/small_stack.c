// SPDX-License-Identifier: MIT
//
// Planted faults: a tasklet whose stack is smaller than its frame, and one that goes deep only after it
// has switched.
#include "kernel/tasklet.h"

static TASKLET_MEMORY(memory, 64);
static TASKLET_MEMORY(more_memory, 192);

static void roomy(void *arg)
{
    volatile char buf[600];

    for (unsigned i = 0; i < sizeof buf; i++) {
        buf[i] = (char)(size_t)arg;
    }
    tasklet_yield();
}

static __attribute__((noinline)) void deep(void *arg)
{
    volatile char buf[600];

    for (unsigned i = 0; i < sizeof buf; i++) {
        buf[i] = (char)(size_t)arg;
    }
}

static void deep_later(void *arg)
{
    tasklet_yield();
    deep(arg);
    tasklet_yield();
}

int main(void)
{
    tasklet_spawn("later", deep_later, NULL, more_memory, sizeof more_memory);
    tasklet_spawn("roomy", roomy, NULL, memory, sizeof memory);
    return 0;
}

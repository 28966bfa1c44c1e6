// SPDX-License-Identifier: MIT
//
// A planted fault: a tasklet whose stack is smaller than its frame.
#include "kernel/tasklet.h"

static TASKLET_MEMORY(memory, 64);

static void roomy(void *arg)
{
    volatile char buf[600];

    for (unsigned i = 0; i < sizeof buf; i++) {
        buf[i] = (char)(size_t)arg;
    }
    tasklet_yield();
}

int main(void)
{
    tasklet_spawn("roomy", roomy, NULL, memory, sizeof memory);
    return 0;
}

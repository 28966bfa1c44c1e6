// SPDX-License-Identifier: MIT
//
// The first tasklet: the program's main(). When it returns, the others go on.
#include "kernel/callgraph.h"
#include "kernel/panic.h"
#include "kernel/tasklet.h"

int main(void);

static void run_main(void *unused)
{
    (void)unused;
    tasklet_exit(main());
}

void kernel_run(void (*board_init)(void))
{
    size_t size;
    void *memory = arch_main_memory(&size);

    sched.running = &sched_ring[SCHED_LEVELS];
    board_init();
    timers_init();
    panic_show_last();
    tasklet_spawn("main", run_main, NULL, memory, size);
    sched_run();
}
CALLS(kernel_run, board_init, board_and_interrupts);

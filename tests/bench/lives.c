// SPDX-License-Identifier: MIT
//
// From spawn to join.
#include "tests/bench/bench.h"

static void nothing(void *unused)
{
    (void)unused;
}

void bench_lives(void)
{
    while (!enough()) {
        uint32_t from = stamp();
        struct tasklet *t =
            tasklet_spawn("child", nothing, NULL, crowd_memory[0], sizeof crowd_memory[0]);

        tasklet_join(t, FOREVER);
        sample(from, stamp());
    }
    report("spawn_run_join");
}

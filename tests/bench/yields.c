// SPDX-License-Identifier: MIT
//
// Giving way, with 2 to 1,000 that are ready.
#include "tests/bench/bench.h"

// One yield: from the stamp before it in one tasklet to the stamp after its own in the next. All
// stamp, so a round of n yields is n samples.
static void stamper(void *unused)
{
    (void)unused;
    while (!crowd_ends) {
        begun = stamp();
        tasklet_yield();
        lap();
    }
}

static void yields(unsigned n, const char *name)
{
    start_crowd(n - 1, stamper, NULL);
    while (!enough()) {
        begun = stamp();
        tasklet_yield();
        lap();
    }
    end_crowd(n - 1);
    report(name);
}

void bench_yields(void)
{
    yields(2, "yield_2");
    yields(10, "yield_10");
    yields(100, "yield_100");
    yields(CROWD, "yield_1000");
}

// SPDX-License-Identifier: MIT
//
// Run time per tasklet: the clock is read once per switch. Time spent in interrupts counts for the
// tasklet that was interrupted, time in poll context for nobody.
#include "kernel/tasklet.h"

#if CONFIG_ACCOUNT

uint32_t account_since;

void account_slice(struct account *a)
{
    uint32_t now = clock_read(), slice = now - account_since, low = a->run_low + slice;

    account_since = now;
    a->run_high += low < slice;
    a->run_low = low;
    if (slice > a->longest) {
        a->longest = slice;
    }
}

uint64_t tasklet_run_time(const struct tasklet *t)
{
    return (uint64_t)t->account.run_high << 32 | t->account.run_low;
}

uint32_t tasklet_longest_slice(const struct tasklet *t)
{
    return t->account.longest;
}

#else

uint64_t tasklet_run_time(const struct tasklet *t)
{
    (void)t;
    return 0;
}

uint32_t tasklet_longest_slice(const struct tasklet *t)
{
    (void)t;
    return 0;
}

#endif

// SPDX-License-Identifier: MIT
//
// The 64-bit clock over a 32-bit counter. No interrupt counts the wraps: the clock is read at least
// once per half wrap, because timer.c never sets an alarm farther away than that, and a reading
// that is less than the one before has wrapped.
#include "kernel/time.h"

#include "kernel/panic.h"
#include "kernel/sched.h"

static struct {
    uint32_t low; // the last reading
    uint32_t high;
} clock;

uint64_t time_now(void)
{
    ASSERT(!arch_in_interrupt(), "time_now: called from an interrupt");
    uint32_t low = clock_read();

    if (low < clock.low) {
        clock.high++;
    }
    clock.low = low;
    return (uint64_t)clock.high << 32 | low;
}

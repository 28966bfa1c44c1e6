// SPDX-License-Identifier: MIT
//
// The time for people to read: the only 64-bit division in the kernel, so it is linked only if
// used.
#include "kernel/time.h"

uint64_t time_us(void)
{
    uint64_t now = time_now(), seconds = now / TICK_HZ;

    return seconds * 1000000 + (now - seconds * TICK_HZ) * 1000000 / TICK_HZ;
}

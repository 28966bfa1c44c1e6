// SPDX-License-Identifier: MIT
//
// Linux's own random numbers. In virtual time, where a run shall be the same each time, a fixed sequence
// instead, which anybody can predict: xorshift64* (Vigna: An experimental exploration of Marsaglia's
// xorshift generators, scrambled, 2016) from a constant.
#include "drivers/entropy/entropy.h"

#include <stdint.h>
#include <sys/random.h>
#include <sys/types.h>

#include "drivers/clock/host.h"

const char *entropy_source = "getrandom(); in virtual time a fixed sequence";
bool entropy_is_good = true;

static uint8_t predictable(void)
{
    static uint64_t state = UINT64_C(0x9E3779B97F4A7C15);

    state ^= state >> 12;
    state ^= state << 25;
    state ^= state >> 27;
    return (uint8_t)((state * UINT64_C(0x2545F4914F6CDD1D)) >> 56);
}

size_t entropy_read(void *buf, size_t n)
{
    uint8_t *bytes = buf;
    size_t filled = 0;

    while (filled < n && clock_host_is_virtual()) {
        bytes[filled++] = predictable();
    }
    while (filled < n) {
        ssize_t got = getrandom(bytes + filled, n - filled, 0);

        if (got <= 0) {
            break;
        }
        filled += (size_t)got;
    }
    return filled;
}

// SPDX-License-Identifier: MIT
//
// The last resort where no device makes random bits: how many turns of a loop fit between two ticks of
// the clock, and when that was asked. What makes these vary are interrupts, the caches and the buses
// of the machine, and the times at which the world outside asked for something before.
//
// How many bits of that nobody can predict is not known. On silicon without caches, right after the
// reset, it may be none; under an emulator that counts instructions it surely is. So this tells two
// boots apart, mostly, and no more.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "kernel/time.h"

enum {
    JITTER_SAMPLES = 16, // per byte
    JITTER_LOOPS =
        32, // at most per sample; so 64 bytes take about 3 ms at 10 million loops a second
};

// Fills the buffer; always all of it. A sample is folded in with the multiplication of FNV-1a.
static inline size_t jitter_read(void *buf, size_t n)
{
    static uint64_t pool = UINT64_C(0xCBF29CE484222325); // goes on from call to call
    uint8_t *bytes = buf;

    for (size_t i = 0; i < n * JITTER_SAMPLES; i++) {
        uint32_t since = clock_read(), loops = 0;

        while (loops < JITTER_LOOPS && clock_read() == since) {
            loops++;
        }
        pool = (pool ^ since) * UINT64_C(0x100000001B3);
        pool = (pool ^ pool >> 32 ^ loops) * UINT64_C(0x100000001B3);
        bytes[i / JITTER_SAMPLES] = (uint8_t)(pool >> 56);
    }
    return n;
}

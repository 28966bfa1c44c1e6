// SPDX-License-Identifier: MIT
//
// The ring oscillator of the RP2040 (data sheet 2.17): one bit at a time, of an oscillator that nothing
// keeps in step with the processor. Its bits are biased and neighbours resemble each other, so 16 go
// into each that is given out, folded by exclusive or.
#include "drivers/entropy/entropy.h"

#include <stdint.h>

#define ROSC_RANDOM_BIT (*(volatile uint32_t *)0x4006001C)

enum { FOLDED = 16, APART = 3 }; // empty turns between two samples

const char *entropy_source = "RP2040 ring oscillator";
bool entropy_is_good = true;

static uint32_t sample(void)
{
    for (volatile unsigned turns = 0; turns < APART; turns++) {
    }
    return ROSC_RANDOM_BIT & 1;
}

size_t entropy_read(void *buf, size_t n)
{
    uint8_t *to = buf;
    unsigned ones = 0;

    for (size_t i = 0; i < n; i++) {
        uint32_t byte = 0;

        for (unsigned bit = 0; bit < 8; bit++) {
            uint32_t folded = 0;

            for (unsigned k = 0; k < FOLDED; k++) {
                folded ^= sample();
            }
            byte = byte << 1 | folded;
            ones += folded;
        }
        to[i] = (uint8_t)byte;
    }
    // An oscillator that stands still gives one value for ever.
    entropy_is_good = n < 4 || (ones > n && ones < 7 * n);
    return n;
}

// SPDX-License-Identifier: MIT
//
// The random number generator of the nRF51 (reference manual 3.0, chapter 20): thermal noise, with its
// own correction of bias turned on. A byte takes about 0.7 ms then.
#include "drivers/entropy/entropy.h"

#include <stdint.h>

#include "kernel/time.h"

#define RNG_START  (*(volatile uint32_t *)0x4000D000)
#define RNG_STOP   (*(volatile uint32_t *)0x4000D004)
#define RNG_READY  (*(volatile uint32_t *)0x4000D100)
#define RNG_CONFIG (*(volatile uint32_t *)0x4000D504)
#define RNG_VALUE  (*(volatile uint32_t *)0x4000D508)

enum {
    CORRECT_BIAS = 1,
    PATIENCE = TICK_HZ / 2, // a stuck device is waited for
    APART = 200             // empty turns between two looks: the bus is for others, too
};

const char *entropy_source = "nRF51 RNG";
bool entropy_is_good = true;

static bool becomes_ready(void)
{
    uint32_t begun = clock_read();

    while (RNG_READY == 0) {
        if (clock_read() - begun > PATIENCE) {
            return false;
        }
        for (volatile unsigned turns = 0; turns < APART; turns++) {
        }
    }
    return true;
}

size_t entropy_read(void *buf, size_t n)
{
    uint8_t *to = buf;
    size_t got = 0;

    RNG_CONFIG = CORRECT_BIAS;
    RNG_READY = 0;
    RNG_START = 1;
    while (got < n && becomes_ready()) {
        RNG_READY = 0;
        to[got++] = (uint8_t)RNG_VALUE;
    }
    RNG_STOP = 1;
    entropy_is_good = got == n;
    return got;
}

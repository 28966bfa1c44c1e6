// SPDX-License-Identifier: MIT
#include "net/random.h"

#include <stdbool.h>
#include <string.h>

#include "drivers/entropy/entropy.h"
#include "kernel/time.h"

enum {
    KEY = 32,            // bytes
    BLOCK = 64,          // bytes that one turn of the cipher gives
    RESEED_AFTER = 4096, // blocks
};

static struct {
    uint32_t key[KEY / 4];
    uint8_t pool[BLOCK - KEY]; // bytes not given out yet: the last `left` of them
    unsigned left;
    unsigned blocks; // since the source was asked
    bool seeded;
} state;

static inline uint32_t rotate(uint32_t x, unsigned n)
{
    return x << n | x >> (32 - n);
}

static inline void quarter_round(uint32_t *x, unsigned a, unsigned b, unsigned c, unsigned d)
{
    x[a] += x[b];
    x[d] = rotate(x[d] ^ x[a], 16);
    x[c] += x[d];
    x[b] = rotate(x[b] ^ x[c], 12);
    x[a] += x[b];
    x[d] = rotate(x[d] ^ x[a], 8);
    x[c] += x[d];
    x[b] = rotate(x[b] ^ x[c], 7);
}

// RFC 8439 2.3, with counter and nonce zero: the key is never used twice.
static void block(const uint32_t key[KEY / 4], uint32_t out[BLOCK / 4])
{
    uint32_t in[16] = { 0x61707865, 0x3320646e, 0x79622d32, 0x6b206574 };

    memcpy(in + 4, key, KEY);
    memcpy(out, in, BLOCK);
    for (unsigned i = 0; i < 10; i++) {
        quarter_round(out, 0, 4, 8, 12);
        quarter_round(out, 1, 5, 9, 13);
        quarter_round(out, 2, 6, 10, 14);
        quarter_round(out, 3, 7, 11, 15);
        quarter_round(out, 0, 5, 10, 15);
        quarter_round(out, 1, 6, 11, 12);
        quarter_round(out, 2, 7, 8, 13);
        quarter_round(out, 3, 4, 9, 14);
    }
    for (unsigned i = 0; i < 16; i++) {
        out[i] += in[i];
    }
}

// The next block: its first half is the next key, its second half is given out.
static void turn(void)
{
    uint32_t out[BLOCK / 4];

    block(state.key, out);
    memcpy(state.key, out, KEY);
    memcpy(state.pool, (uint8_t *)out + KEY, sizeof state.pool);
    memset(out, 0, sizeof out);
    __asm__ volatile("" ::"r"(out) : "memory"); // the erasure is not for nothing
    state.left = sizeof state.pool;
    state.blocks++;
}

void random_stir(const void *data, size_t n)
{
    const uint8_t *bytes = data;

    while (n > 0) {
        uint8_t *key = (uint8_t *)state.key;

        for (unsigned i = 0; i < KEY && n > 0; i++, n--) {
            key[i] ^= *bytes++;
        }
        turn();
    }
}

static void reseed(void)
{
    uint8_t fresh[KEY];
    uint64_t now = time_now();
    size_t got = entropy_read(fresh, sizeof fresh);

    random_stir(fresh, got);
    random_stir(&now, sizeof now);
    state.blocks = 0;
    state.seeded = got > 0; // else the source is asked again next time
    state.left = 0;
}

void random_bytes(void *buf, size_t n)
{
    uint8_t *to = buf;

    if (!state.seeded || state.blocks > RESEED_AFTER) {
        reseed();
    }
    while (n > 0) {
        if (state.left == 0) {
            turn();
        }
        size_t part = n < state.left ? n : state.left;
        uint8_t *from = state.pool + sizeof state.pool - state.left;

        memcpy(to, from, part);
        memset(from, 0, part);
        state.left -= (unsigned)part;
        to += part;
        n -= part;
    }
}

uint32_t random_u32(void)
{
    uint32_t value;

    random_bytes(&value, sizeof value);
    return value;
}

// D. Lemire, Fast random integer generation in an interval (2019): no division but for the rare bias.
uint32_t random_below(uint32_t limit)
{
    uint64_t product = (uint64_t)random_u32() * limit;

    if ((uint32_t)product < limit) {
        uint32_t threshold = (0 - limit) % limit;

        while ((uint32_t)product < threshold) {
            product = (uint64_t)random_u32() * limit;
        }
    }
    return (uint32_t)(product >> 32);
}

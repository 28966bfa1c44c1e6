// SPDX-License-Identifier: MIT
#include "tests/bench/hash.h"

uint32_t crc32(uint32_t crc, const void *data, size_t n)
{
    static const uint32_t by_nibble[16] = {
        0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac, 0x76dc4190, 0x6b6b51f4,
        0x4db26158, 0x5005713c, 0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c,
        0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c,
    };
    const uint8_t *byte = data;

    crc = ~crc;
    for (; n > 0; n--) {
        crc ^= *byte++;
        crc = crc >> 4 ^ by_nibble[crc & 15];
        crc = crc >> 4 ^ by_nibble[crc & 15];
    }
    return ~crc;
}

// ---- SHA-256: the names are the standard's ----

static const uint32_t k[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

static uint32_t rotr(uint32_t x, unsigned n)
{
    return x >> n | x << (32 - n);
}

static uint32_t big_endian(const uint8_t *byte)
{
    return (uint32_t)byte[0] << 24 | (uint32_t)byte[1] << 16 | (uint32_t)byte[2] << 8 | byte[3];
}

// The schedule w is a window of 16 words that moves along.
static void sha256_block(uint32_t state[8], const uint8_t block[64])
{
    uint32_t w[16];
    uint32_t a = state[0], b = state[1], c = state[2], d = state[3];
    uint32_t e = state[4], f = state[5], g = state[6], h = state[7];

    for (unsigned t = 0; t < 64; t++) {
        uint32_t *now = &w[t % 16];

        if (t < 16) {
            *now = big_endian(block + 4 * t);
        } else {
            uint32_t w15 = w[(t + 1) % 16], w2 = w[(t + 14) % 16];

            *now += (rotr(w15, 7) ^ rotr(w15, 18) ^ w15 >> 3) + w[(t + 9) % 16] +
                    (rotr(w2, 17) ^ rotr(w2, 19) ^ w2 >> 10);
        }
        uint32_t t1 =
            h + (rotr(e, 6) ^ rotr(e, 11) ^ rotr(e, 25)) + ((e & f) ^ (~e & g)) + k[t] + *now;
        uint32_t t2 = (rotr(a, 2) ^ rotr(a, 13) ^ rotr(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));

        h = g, g = f, f = e, e = d + t1;
        d = c, c = b, b = a, a = t1 + t2;
    }
    state[0] += a, state[1] += b, state[2] += c, state[3] += d;
    state[4] += e, state[5] += f, state[6] += g, state[7] += h;
}

void sha256_begin(struct sha256 *h)
{
    static const uint32_t initial[8] = { 0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                         0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19 };

    for (unsigned i = 0; i < 8; i++) {
        h->state[i] = initial[i];
    }
    h->length = 0;
}

void sha256_add(struct sha256 *h, const void *data, size_t n)
{
    const uint8_t *byte = data;

    while (n > 0) {
        unsigned have = h->length % 64;

        if (have == 0 && n >= 64) { // a whole block, where it lies
            sha256_block(h->state, byte);
            h->length += 64, byte += 64, n -= 64;
            continue;
        }
        h->block[have] = *byte++;
        h->length++, n--;
        if (have == 63) {
            sha256_block(h->state, h->block);
        }
    }
}

void sha256_end(struct sha256 *h, uint8_t digest[32])
{
    uint64_t bits = h->length * 8;

    sha256_add(h, "\x80", 1);
    while (h->length % 64 != 56) {
        sha256_add(h, "", 1);
    }
    for (unsigned i = 0; i < 8; i++) {
        uint8_t byte = (uint8_t)(bits >> (56 - 8 * i));

        sha256_add(h, &byte, 1);
    }
    for (unsigned i = 0; i < 32; i++) {
        digest[i] = (uint8_t)(h->state[i / 4] >> (24 - 8 * (i % 4)));
    }
}

// SPDX-License-Identifier: MIT
//
// Two computations for benchmarks that mix them with input and output: a light one and a heavy one.
// Neither calls anything: what they cost is what these functions execute.
#pragma once

#include <stddef.h>
#include <stdint.h>

// CRC-32 as of IEEE 802.3 and zip, over a piece of data; begins with 0, goes on with what it returned.
uint32_t crc32(uint32_t crc, const void *data, size_t n);

// SHA-256 (FIPS 180-4).
struct sha256 {
    uint32_t state[8];
    uint64_t length;   // bytes so far
    uint8_t block[64]; // the last length % 64 of them
};

void sha256_begin(struct sha256 *h);
void sha256_add(struct sha256 *h, const void *data, size_t n);
void sha256_end(struct sha256 *h, uint8_t digest[32]);

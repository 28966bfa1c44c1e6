// SPDX-License-Identifier: MIT
//
// The Internet checksum for processors of 32 and 64 bits without a carry flag, or whose compiler finds
// it: a sum of whole words, whose carries are added as they come (RFC 1071, 2(C)). Ports with an
// assembly version leave this file out.
#include "kernel/arch.h"

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "the first byte of a word is its lowest");

typedef uintptr_t __attribute__((may_alias)) any_word;
typedef uint16_t __attribute__((may_alias)) any_half;

static inline uintptr_t add(uintptr_t sum, uintptr_t word)
{
    sum += word;
    return sum + (sum < word);
}

// The carry of a sum of 16-bit words comes back in at its lowest bit.
static uint16_t fold(uintptr_t sum)
{
    while (sum >> 16 != 0) {
        sum = (sum & 0xFFFF) + (sum >> 16);
    }
    return (uint16_t)sum;
}

// An odd first byte makes all words change sides, which the swap of the result undoes (2(B)).
uint16_t arch_checksum(const void *data, int size)
{
    const uint8_t *at = data;
    bool odd = ((uintptr_t)at & 1) != 0 && size > 0;
    uintptr_t sum = 0;
    uint16_t result;

    if (odd) {
        sum = (uintptr_t)*at << 8;
        at++;
        size--;
    }
    for (; size >= 2 && (uintptr_t)at % sizeof(any_word) != 0; at += 2, size -= 2) {
        sum += *(const any_half *)at;
    }
    for (; size >= 8 * (int)sizeof(any_word); size -= 8 * (int)sizeof(any_word)) {
        const any_word *words = (const any_word *)at;

        sum = add(sum, words[0]);
        sum = add(sum, words[1]);
        sum = add(sum, words[2]);
        sum = add(sum, words[3]);
        sum = add(sum, words[4]);
        sum = add(sum, words[5]);
        sum = add(sum, words[6]);
        sum = add(sum, words[7]);
        at += 8 * sizeof(any_word);
    }
    for (; size >= (int)sizeof(any_word); at += sizeof(any_word), size -= (int)sizeof(any_word)) {
        sum = add(sum, *(const any_word *)at);
    }
    for (; size >= 2; at += 2, size -= 2) {
        sum = add(sum, *(const any_half *)at);
    }
    if (size == 1) {
        sum = add(sum, *at);
    }
    result = fold(sum);
    return odd ? __builtin_bswap16(result) : result;
}

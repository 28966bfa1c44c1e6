// SPDX-License-Identifier: MIT
//
// arch_checksum() against a sum of bytes: all alignments and remainders, and what carries most.
#include <string.h>

#include "kernel/arch.h"
#include "tests/kernel/suite.h"

enum {
    SHORT = 131,
    LONG_FROM = 1400, // a segment's payload and around
    LONG_TO = 1521,
    ALIGNMENTS = 8,
};

static _Alignas(ALIGNMENTS) uint8_t buffer[ALIGNMENTS + LONG_TO + 3];

// RFC 1071 to the letter, byte after byte.
static uint16_t reference(const uint8_t *data, int size)
{
    uint32_t sum = 0;

    for (int i = 0; i < size; i++) {
        sum += i % 2 == 0 ? data[i] : (uint32_t)data[i] << 8;
    }
    while (sum > 0xFFFF) {
        sum = (sum & 0xFFFF) + (sum >> 16);
    }
    return (uint16_t)sum;
}

static bool agrees(int offset, int size)
{
    uint16_t is = arch_checksum(buffer + offset, size);
    uint16_t expected = reference(buffer + offset, size);

    if (is == expected) {
        return true;
    }
    CHECK_IS(offset, -1);
    CHECK_IS(size, -1);
    CHECK_IS(is, expected);
    return false;
}

static void all_sizes(void)
{
    for (int offset = 0; offset < ALIGNMENTS; offset++) {
        for (int size = 0; size < SHORT; size++) {
            if (!agrees(offset, size)) {
                return;
            }
        }
        for (int size = LONG_FROM; size < LONG_TO; size++) {
            if (!agrees(offset, size)) {
                return;
            }
        }
    }
}

static void random_data(void)
{
    suite_seed(1071);
    for (size_t i = 0; i < sizeof buffer; i++) {
        buffer[i] = (uint8_t)suite_random(256);
    }
    all_sizes();
}

static void all_ones(void)
{
    memset(buffer, 0xFF, sizeof buffer);
    all_sizes();
}

static void all_zeros(void)
{
    memset(buffer, 0, sizeof buffer);
    all_sizes();
}

// One carry that must run through all that follows, from each place.
static void single_carries(void)
{
    enum { SIZE = 140 };

    for (size_t i = 0; i + 1 < SIZE; i++) {
        memset(buffer, 0xFF, SIZE);
        memset(buffer + i, 0, SIZE - i);
        buffer[i] = 1;
        for (int offset = 0; offset < ALIGNMENTS; offset++) {
            if (!agrees(offset, SIZE - offset)) {
                return;
            }
        }
    }
}

// What lies around has no influence.
static void surroundings(void)
{
    enum { SIZE = 100, FROM = 4 };

    for (int offset = FROM; offset < FROM + ALIGNMENTS; offset++) {
        uint16_t before;

        memset(buffer, 0x55, SIZE + 2 * ALIGNMENTS);
        memset(buffer + offset, 0xA7, SIZE - 1);
        before = arch_checksum(buffer + offset, SIZE - 1);
        memset(buffer, 0xFE, (size_t)offset);
        memset(buffer + offset + SIZE - 1, 0xFE, ALIGNMENTS);
        CHECK_IS(arch_checksum(buffer + offset, SIZE - 1), before);
    }
}

// The example of RFC 1071, section 3, in this processor's byte order.
static void example(void)
{
    static const uint8_t bytes[] = { 0x00, 0x01, 0xF2, 0x03, 0xF4, 0xF5, 0xF6, 0xF7 };

    CHECK_IS(arch_checksum(bytes, sizeof bytes), 0xF2DD);
}

int main(void)
{
    static const struct suite_case cases[] = {
        CASE(example),   CASE(random_data),    CASE(all_ones),
        CASE(all_zeros), CASE(single_carries), CASE(surroundings),
    };

    SUITE_RUN("checksum", cases);
}

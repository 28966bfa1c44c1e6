// SPDX-License-Identifier: MIT
//
// A board's source of entropy fills what it is given, and never twice with the same.
#include <string.h>

#include "boards/board.h"
#include "drivers/entropy/entropy.h"
#include "io/printf.h"
#include "tests/kernel/suite.h"

enum { ROOM = 200 };

static uint8_t one[ROOM + 1], two[ROOM];

static void fills_exactly(void)
{
    static const uint8_t sizes[] = { 1, 3, 16, 64, 65, ROOM };

    for (size_t i = 0; i < sizeof sizes; i++) {
        memset(one, 0, sizeof one);
        CHECK_IS(entropy_read(one, sizes[i]), sizes[i]);
        for (size_t k = sizes[i]; k < sizeof one; k++) {
            CHECK_IS(one[k], 0);
        }
    }
    CHECK_IS(entropy_read(one, 0), 0);
}

static void differs(void)
{
    unsigned same = 0;

    entropy_read(one, ROOM);
    entropy_read(two, ROOM);
    for (size_t i = 0; i < ROOM; i++) {
        same += one[i] == two[i];
    }
    CHECK(same < 20); // one of 256 is expected; as many come once in 10^19 times
}

// Each bit of a byte is sometimes set and sometimes not.
static void has_all_bits(void)
{
    uint8_t ever = 0, always = 0xFF;

    entropy_read(one, ROOM);
    for (size_t i = 0; i < ROOM; i++) {
        ever |= one[i];
        always &= one[i];
    }
    CHECK_IS(ever, 0xFF);
    CHECK_IS(always, 0);
}

static void says_what_it_is(void)
{
    CHECK(entropy_is_good == (strcmp(entropy_source, "jitter") != 0));
    uart_printf(board_uarts[0], "source %s\r\n", entropy_source);
}

int main(void)
{
    static const struct suite_case cases[] = {
        CASE(fills_exactly),
        CASE(differs),
        CASE(has_all_bits),
        CASE(says_what_it_is),
    };

    SUITE_RUN("entropy", cases);
}

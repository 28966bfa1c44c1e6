// SPDX-License-Identifier: MIT
//
// The brief record of the end (REPORT=brief), and the tiny forms of what is taken from the C library (TINY=1;
// without it this tries the library's own, which must do the same).
#include <setjmp.h>
#include <string.h>

#include "boards/board.h"
#include "io/printf.h"
#include "kernel/panic.h"
#include "tests/kernel/suite.h"

static jmp_buf before;
static bool was_reset;
static char text[200];
static size_t length;

_Noreturn void __wrap_arch_reset(void);

_Noreturn void __wrap_arch_reset(void)
{
    was_reset = true;
    longjmp(before, 1);
}

static void caught(const struct panic_record *r)
{
    CHECK(r == &panic_record);
    longjmp(before, 1);
}

static void put(char c)
{
    if (length < sizeof text - 1) {
        text[length++] = c;
        text[length] = '\0';
    }
}

static void __attribute__((noinline)) fails(const char *why);

static void panics(const char *why)
{
    void (*putc_before)(char) = panic_putc;

    length = 0;
    was_reset = false;
    panic_putc = put;
    if (setjmp(before) == 0) {
        fails(why);
    }
    panic_putc = putc_before;
}

// Behind the one that calls it, in which no return address can then be taken for one in here.
static void fails(const char *why)
{
    panic(why);
}

static void check_text(const char *why)
{
    char expected[sizeof text];

    io_snprintf(expected, sizeof expected, "\r\n*** %s at 0x%016llx\r\n", why,
                (unsigned long long)panic_record.sp);
    CHECK(strcmp(text, expected) == 0);
}

static void says_what_and_where(void)
{
    panic_hook = caught;
    panics("a brief one");
    panic_hook = NULL;
    CHECK(!was_reset);
    CHECK(panic_record.sp - (uintptr_t)fails < 200);
    check_text("a brief one");
    panics("a brief one");
    CHECK(was_reset);
}

static void fire(struct timer *unused)
{
    (void)unused;
    panics("in poll context");
    check_text("in poll context");
}

static void nobody_runs(void)
{
    static struct timer timer = TIMER_INIT(fire);

    timer_arm(&timer, NOWAIT);
    sleep_ms(1);
}

// The next boot says nothing of it, but a debugger finds it.
static void kept_for_a_debugger(void)
{
    panics("the last one");
    CHECK_IS(panic_record.magic, 0x53746E62);
    CHECK(strcmp(panic_record.why, "the last one") == 0);
    length = 0;
    CHECK(!panic_show_last());
    CHECK_IS(length, 0);
}

static void silent_without_a_console(void)
{
    void (*putc_before)(char) = panic_putc;

    panics("the last one");
    panic_putc = NULL;
    panic_text("nothing");
    panic_hex(0);
    panic_putc = putc_before;
}

// ---- Called by address, so that no compiler puts its own in their place ----

static void *(*volatile copy)(void *, const void *, size_t) = memcpy;
static void *(*volatile fill)(void *, int, size_t) = memset;
static size_t (*volatile length_of)(const char *) = strlen;

static void copies_fills_and_lengths(void)
{
    static const char from[] = "abcdefgh";
    char to[] = "........";

    CHECK(copy(to + 1, from, 3) == to + 1);
    CHECK(strcmp(to, ".abc....") == 0);
    CHECK(copy(to, from, 0) == to);
    CHECK(strcmp(to, ".abc....") == 0);
    CHECK(fill(to + 2, 'x' + 256, 4) == to + 2);
    CHECK(strcmp(to, ".axxxx..") == 0);
    CHECK(fill(to, 'y', 0) == to);
    CHECK(strcmp(to, ".axxxx..") == 0);
    CHECK_IS(length_of(""), 0);
    CHECK_IS(length_of("a"), 1);
    CHECK_IS(length_of(from), 8);
}

int main(void)
{
    static const struct suite_case cases[] = {
        CASE(says_what_and_where),      CASE(nobody_runs),
        CASE(kept_for_a_debugger),      CASE(silent_without_a_console),
        CASE(copies_fills_and_lengths),
    };

    SUITE_RUN("brief", cases);
}

// SPDX-License-Identifier: MIT
//
// io_snprintf() against a table, and on the host the table against the C library.
#include <limits.h>
#include <stdarg.h>
#include <string.h>
#ifdef __linux__
int snprintf(char *buf, size_t size, const char *format, ...);
#endif

#include "boards/board.h"
#include "io/printf.h"
#include "tests/kernel/suite.h"

static char text[48];

static void check_text(const char *expected, int length, int line)
{
    suite_check_is(length, (intptr_t)strlen(expected), __FILE__, line, "the length");
    suite_check(strcmp(text, expected) == 0, __FILE__, line, text);
    if (strcmp(text, expected) != 0) {
        uart_printf(board_uarts[0], "  [%s] and not [%s]\r\n", text, expected);
    }
}

#ifdef __linux__
// Where both can do it, the C library agrees.
#define FORMAT(expected, ...)                                                                      \
    do {                                                                                           \
        check_text(expected, io_snprintf(text, sizeof text, __VA_ARGS__), __LINE__);               \
        check_text(expected, snprintf(text, sizeof text, __VA_ARGS__), __LINE__);                  \
    } while (0)
#else
#define FORMAT(expected, ...)                                                                      \
    check_text(expected, io_snprintf(text, sizeof text, __VA_ARGS__), __LINE__)
#endif

static void integers(void)
{
    FORMAT("0", "%d", 0);
    FORMAT("-1 1", "%d %i", -1, 1);
    FORMAT("2147483647 -2147483648", "%d %d", INT_MAX, INT_MIN);
    FORMAT("4294967295", "%u", UINT_MAX);
    FORMAT("deadbeef DEADBEEF 0", "%x %X %x", 0xDEADBEEFu, 0xDEADBEEFu, 0u);
    FORMAT("9223372036854775807", "%lld", LLONG_MAX);
    FORMAT("-9223372036854775808", "%lld", LLONG_MIN);
    FORMAT("18446744073709551615", "%llu", ULLONG_MAX);
    FORMAT("123456789abcdef0", "%llx", 0x123456789ABCDEF0ull);
    FORMAT("4294967296", "%llu", 4294967296ull);
    FORMAT("10000000000000000000", "%llu", 10000000000000000000ull);
    FORMAT("-5 5 7", "%ld %lu %zu", -5l, 5ul, (size_t)7);
    FORMAT("-128 255", "%hhd %hhu", (signed char)-128, (unsigned char)255);
    FORMAT("-32768 65535", "%hd %hu", (short)-32768, (unsigned short)65535);
    FORMAT("ff", "%hhx", (unsigned char)0xFF);
}

// An argument is read in its own size, and what is more than that is not seen.
static void sizes(void)
{
    static const char *volatile formats[] = { "%hhd", "%hd", "%hhx",
                                              "%hx" }; // the compiler would warn
    static const char *const expected[] = { "69", "9029", "45", "2345" };
    long volatile longest = LONG_MIN;

    for (unsigned i = 0; i < 4; i++) {
        check_text(expected[i], io_snprintf(text, sizeof text, formats[i], 0x12345), __LINE__);
    }
    check_text(sizeof(long) == 8 ? "-9223372036854775808" : "-2147483648",
               io_snprintf(text, sizeof text, "%ld", longest), __LINE__);
    FORMAT("5l 6h", "%dl %dh", 5, 6); // letters behind a conversion are text
}

static void widths(void)
{
    const char *volatile left_before_zero = "%-05d|"; // the compiler would warn

    FORMAT("   42|42   |00042", "%5d|%-5d|%05d", 42, 42, 42);
    FORMAT("  -42|-42  |-0042", "%5d|%-5d|%05d", -42, -42, -42);
    FORMAT("123456", "%3d", 123456);
    FORMAT("-123456", "%03d", -123456);
    FORMAT("00ff|FF  |  ff", "%04x|%-4X|%4x", 255u, 255u, 255u);
    FORMAT("   7|7   |", "%*d|%*d|", 4, 7, -4, 7);
    FORMAT("0000000000000001", "%016llx", 1ull);
    FORMAT("0", "%01d", 0);
    FORMAT("42   |", "%-*d|", 5, 42);
    FORMAT("        9", "%9d", 9);
    CHECK_IS(io_snprintf(text, 1, "%99999d", 1), 99999);
    check_text("42   |", io_snprintf(text, sizeof text, left_before_zero, 42), __LINE__);
}

static void texts(void)
{
    FORMAT("plain", "plain");
    FORMAT("", "%s", "");
    FORMAT("a text.", "%s %s.", "a", "text");
    FORMAT("  ab|ab  |ab", "%4s|%-4s|%1s", "ab", "ab", "ab");
    FORMAT("abc|  ab|", "%.3s|%4.2s|%.0s", "abcdef", "abcdef", "abcdef");
    FORMAT("abc|abcdef", "%.*s|%.*s", 3, "abcdef", -1, "abcdef");
    FORMAT("x|  x|x  |", "%c|%3c|%-3c|", 'x', 'x', 'x');
    FORMAT("100%", "%d%%", 100);
    FORMAT("%%", "%%%%");
}

static void ours(void)
{
    const char *volatile none = NULL; // the compiler would warn, and rightly

    check_text("(null)", io_snprintf(text, sizeof text, "%s", none), __LINE__);
    check_text("0x1234", io_snprintf(text, sizeof text, "%p", (void *)0x1234), __LINE__);
    // A text that is not terminated is read no further than its precision.
    static const char three[3] = { 'a', 'b', 'c' };

    check_text("abc", io_snprintf(text, sizeof text, "%.3s", three), __LINE__);
}

// What is not known is copied as it stands, so that it is seen.
static void unknown_conversions(void)
{
    static const char *const formats[] = { "%q",     "%",  "a%",       "%5",
                                           "%-08w.", "%f", "%123456d", "%100000d" };

    for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++) {
        const char *volatile format = formats[i];

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
#pragma GCC diagnostic ignored "-Wformat-security"
        check_text(formats[i], io_snprintf(text, sizeof text, format), __LINE__);
#pragma GCC diagnostic pop
    }
}

static void truncation(void)
{
    memset(text, '#', sizeof text);
    CHECK_IS(io_snprintf(text, 4, "%s", "abcdef"), 6);
    CHECK_IS(strcmp(text, "abc"), 0);
    CHECK_IS(text[4], '#');
    CHECK_IS(io_snprintf(text, 1, "%d", 12345), 5);
    CHECK_IS(text[0], '\0');
    CHECK_IS(text[1], 'b');
    memset(text, '#', sizeof text);
    CHECK_IS(io_snprintf(text, 7, "%s%s", "abc", "defghi"), 9);
    CHECK_IS(strcmp(text, "abcdef"), 0);
    CHECK_IS(text[7], '#');
    CHECK_IS(io_snprintf(text, 7, "%s", "abcdef"), 6);
    CHECK_IS(strcmp(text, "abcdef"), 0);
    text[0] = '#';
    CHECK_IS(io_snprintf(text, 0, "%s", "abcdef"), 6);
    CHECK_IS(text[0], '#');
    CHECK_IS(io_snprintf(NULL, 0, "%s%d", "abcdef", 17), 8);
}

// ---- To a stream: every byte arrives, whatever its size, and an error ends it ----

static char out[160];
static size_t written, room;
static int refused; // the call that is refused, once; 0: none

static int out_write(void *unused, const void *bytes, size_t n)
{
    (void)unused;
    if (refused > 0 && --refused == 0) {
        return -5;
    }
    n = n < 7 ? n : 7;
    n = n < room ? n : room;
    if (n == 0) {
        return -5;
    }
    memcpy(out + written, bytes, n);
    written += n;
    room -= n;
    return (int)n;
}

static const struct stream_ops out_ops = { .try_write = out_write, .in_write = "out" };
static const struct stream out_stream = { &out_ops, NULL };

static void to_a_stream(void)
{
    static const char longer[] = "a text that is longer than the formatter's buffer of 32 bytes";

    written = 0;
    room = sizeof out;
    CHECK_IS(io_printf(&out_stream, "%d-%s-%s-%5u\n", -1, "x", longer, 77u),
             (int)sizeof longer - 1 + 12);
    CHECK_IS(written, sizeof longer - 1 + 12);
    CHECK_IS(memcmp(out, "-1-x-a text", 11), 0);
    CHECK_IS(memcmp(out + written - 7, "-   77\n", 7), 0);
    room = 3;
    CHECK_IS(io_printf(&out_stream, "%s", "four"), -5);
    CHECK_IS(io_printf(&out_stream, "%s", longer), -5);
    CHECK_IS(io_printf(&out_stream, "%s%s%s", "a", longer, "b"),
             -5); // what came first, and then no more
    CHECK_IS(written, sizeof longer - 1 + 12 + 3);
    CHECK_IS(io_printf(&out_stream, "%20d%20d%20d", 1, 2, 3), -5);
    written = 0;
    room = sizeof out;
    refused = 1;
    CHECK_IS(io_printf(&out_stream, "%20d%20d%20d", 1, 2, 3), -5); // the rest is not sent either
    CHECK_IS(written, 0);
    refused = 3; // in the middle, so that it is tried again from there
    CHECK_IS(io_printf(&out_stream, "%s", longer), (int)sizeof longer - 1);
    CHECK_IS(written, sizeof longer - 1);
    CHECK_IS(memcmp(out, longer, written), 0);
}

// ---- To a function: once it has said no, it is not asked again ----

static int asked;

static int refuse_second(void *unused, const char *bytes, size_t n)
{
    (void)unused;
    (void)bytes;
    (void)n;
    return ++asked == 2 ? -5 : 0;
}

static int format_to(int (*put)(void *to, const char *bytes, size_t n), const char *format, ...)
{
    va_list args;

    va_start(args, format);
    int n = io_format(put, NULL, format, args);

    va_end(args);
    return n;
}

static void to_a_function(void)
{
    asked = 0;
    CHECK_IS(format_to(refuse_second, "%s%s%s", "a", "b", "c"), -5);
    CHECK_IS(asked, 2);
    asked = 2;
    CHECK_IS(format_to(refuse_second, "%s%s%s", "a", "", "c"), 2);
    CHECK_IS(asked, 4);
}

// Small pieces travel together.
static int pieces;

static int take_all(void *unused, const void *bytes, size_t n)
{
    (void)unused;
    (void)bytes;
    pieces++;
    return (int)n;
}

static const struct stream_ops few_ops = { .try_write = take_all, .in_write = "few" };
static const struct stream few = { &few_ops, NULL };

static void in_few_pieces(void)
{
    static const char text_of_32[] = "0123456789abcdef0123456789ABCDEF";

    pieces = 0;
    CHECK_IS(io_printf(&few, "%.16s%.16s", text_of_32, text_of_32), 32);
    CHECK_IS(pieces, 1);
    CHECK_IS(io_printf(&few, "%.16s%.16s%c", text_of_32, text_of_32, 'x'), 33);
    CHECK_IS(pieces, 3);
    CHECK_IS(uart_printf(board_uarts[0], "%s", ""), 0);
    CHECK_IS(uart_printf(board_uarts[0], "  %s\r\n", "printed"), 11);
}

int main(void)
{
    static const struct suite_case cases[] = {
        CASE(integers),      CASE(sizes),       CASE(widths),
        CASE(texts),         CASE(ours),        CASE(unknown_conversions),
        CASE(truncation),    CASE(to_a_stream), CASE(to_a_function),
        CASE(in_few_pieces),
    };

    SUITE_RUN("printf", cases);
}

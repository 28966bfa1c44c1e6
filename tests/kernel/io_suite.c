// SPDX-License-Identifier: MIT
//
// Streams, over a fake device that plays a script: pieces of input, pauses, errors, the end.
#include <errno.h>
#include <string.h>

#include "io/stream.h"
#include "io/uart.h"
#include "tests/kernel/suite.h"

// One piece of input. With text NULL: a pause (code 0) until somebody wakes the readers, or what
// try_read() returns once.
struct piece {
    const char *text;
    size_t length;
    int code;
};

#define TEXT(literal)                                                                              \
    {                                                                                              \
        .text = (literal), .length = sizeof(literal) - 1                                           \
    }
#define PAUSE                                                                                      \
    {                                                                                              \
        .code = 0                                                                                  \
    }
#define ERROR(error)                                                                               \
    {                                                                                              \
        .code = (error)                                                                            \
    }

static struct {
    const struct piece *pieces;
    size_t count, offset; // pieces left; bytes of the first that were read
    size_t room;          // bytes that can be written now
    char out[64];
    size_t written;
    int write_error; // what try_write() returns once there is no room; 0: -EAGAIN
    struct waitq readable, writable;
} fake;

static int fake_read(void *device, void *buf, size_t n)
{
    const struct piece *p = fake.pieces;

    CHECK(device == &fake && n > 0);
    if (fake.count == 0) {
        return 0;
    }
    if (p->text == NULL) {
        if (p->code == 0) {
            return -EAGAIN; // until the pause is over
        }
        fake.pieces++;
        fake.count--;
        return p->code;
    }
    n = n < p->length - fake.offset ? n : p->length - fake.offset;
    memcpy(buf, p->text + fake.offset, n);
    fake.offset += n;
    if (fake.offset == p->length) {
        fake.offset = 0;
        fake.pieces++;
        fake.count--;
    }
    return (int)n;
}

static int fake_peek(void *device, char *byte)
{
    CHECK(device == &fake);
    if (fake.count == 0 || fake.pieces->text == NULL) {
        return 0;
    }
    *byte = fake.pieces->text[fake.offset];
    return 1;
}

static int fake_write(void *device, const void *buf, size_t n)
{
    CHECK(device == &fake && n > 0);
    n = n < fake.room ? n : fake.room;
    if (n == 0) {
        return fake.write_error != 0 ? fake.write_error : -EAGAIN;
    }
    memcpy(fake.out + fake.written, buf, n);
    fake.written += n;
    fake.room -= n;
    return (int)n;
}

static struct waitq *fake_readable(void *device)
{
    (void)device;
    return &fake.readable;
}

static struct waitq *fake_writable(void *device)
{
    (void)device;
    return &fake.writable;
}

static const struct stream_ops ops = {
    .try_read = fake_read,
    .peek = fake_peek,
    .try_write = fake_write,
    .readable = fake_readable,
    .writable = fake_writable,
    .in_read = "fake_read",
    .in_write = "fake_write",
};

static const struct stream stream = { &ops, &fake };
static char buf[32]; // what is read

// The same, but nobody can look ahead.
static const struct stream_ops blind_ops = { .try_read = fake_read, .readable = fake_readable };
static const struct stream blind = { &blind_ops, &fake };

static void play(const struct piece *pieces, size_t count)
{
    memset(&fake, 0, sizeof fake);
    memset(buf, '#', sizeof buf);
    waitq_init(&fake.readable, "readable");
    waitq_init(&fake.writable, "writable");
    fake.pieces = pieces;
    fake.count = count;
}

#define PLAY(...)                                                                                  \
    static const struct piece pieces_[] = { __VA_ARGS__ };                                         \
    play(pieces_, sizeof pieces_ / sizeof pieces_[0])

// Ends the pause.
static void go_on(void *unused)
{
    (void)unused;
    CHECK(!waitq_empty(&fake.readable));
    fake.pieces++;
    fake.count--;
    waitq_wake_one(&fake.readable);
}

// ---- Reading ----

static void read_what_is_there(void)
{
    PLAY(TEXT("abcdef"), TEXT("gh"), PAUSE, TEXT("i"), ERROR(-EIO), TEXT("j"));
    CHECK_IS(io_read(&stream, buf, 4, FOREVER), 4);
    CHECK_IS(io_read(&stream, buf + 4, 4, FOREVER), 2);
    CHECK_IS(io_read(&stream, buf + 6, 4, NOWAIT), 2);
    CHECK_IS(io_read(&stream, buf + 8, 4, NOWAIT), -EAGAIN);
    CHECK_IS(io_read(&stream, buf + 8, 4, after_us(100)), -ETIMEDOUT);
    tasklet_cancel(tasklet_self());
    CHECK_IS(io_read(&stream, buf + 8, 4, FOREVER), -ECANCELED);
    worker("A", go_on, NULL);
    CHECK_IS(io_read(&stream, buf + 8, 4, FOREVER), 1);
    CHECK_IS(memcmp(buf, "abcdefghi", 9), 0);
    CHECK_IS(io_read(&stream, buf, 4, FOREVER), -EIO);
    CHECK_IS(io_read(&stream, buf, 4, FOREVER), 1);
    CHECK_IS(io_read(&stream, buf, 4, FOREVER), 0);
    CHECK_IS(io_read(&stream, buf, 4, NOWAIT), 0);
}

// Woken, but another has taken it: waits again.
static void wake_for_nothing(void *unused)
{
    (void)unused;
    waitq_wake_one(&fake.readable);
    tasklet_yield();
    go_on(NULL);
}

static void looks_again_after_a_wait(void)
{
    PLAY(PAUSE, TEXT("x"));
    worker("A", wake_for_nothing, NULL);
    CHECK_IS(io_read(&stream, buf, 4, FOREVER), 1);
    CHECK_IS(buf[0], 'x');
}

static void read_in_full(void)
{
    PLAY(TEXT("abc"), PAUSE, TEXT("de"), TEXT("fgh"), PAUSE, TEXT("i"), ERROR(-EIO), ERROR(-EPIPE),
         TEXT("k"));
    worker("A", go_on, NULL);
    CHECK_IS(io_read_full(&stream, buf, 7, FOREVER), 7);
    CHECK_IS(memcmp(buf, "abcdefg", 7), 0);
    CHECK_IS(io_read_full(&stream, buf, 2, after_us(100)), 1); // 'h', then the deadline
    CHECK_IS(buf[0], 'h');
    CHECK_IS(io_read_full(&stream, buf, 2, after_us(100)), -ETIMEDOUT);
    fake.pieces++;
    fake.count--;
    CHECK_IS(io_read_full(&stream, buf, 5, FOREVER), 1); // 'i', then an error that is lost here,
    CHECK_IS(io_read_full(&stream, buf, 5, FOREVER), -EPIPE); // but not the next
    CHECK_IS(io_read_full(&stream, buf, 5, FOREVER), 1);
    CHECK_IS(io_read_full(&stream, buf, 5, FOREVER), 0);
    CHECK_IS(io_read_full(&stream, buf, 0, FOREVER), 0);
}

// ---- Writing ----

static void make_room(void *bytes)
{
    while (!waitq_empty(&fake.writable)) {
        fake.room = (size_t)NUMBER(bytes);
        waitq_wake_one(&fake.writable);
        tasklet_yield();
    }
}

static void write_all(void)
{
    play(NULL, 0);
    fake.room = 3;
    worker("A", make_room, ARG(4));
    CHECK_IS(io_write(&stream, "0123456789", 10, FOREVER), 10);
    CHECK_IS(io_write(&stream, "", 0, NOWAIT), 0);
    CHECK_IS(io_puts(&stream, "!", FOREVER), 1);
    workers_join();
    CHECK_IS(fake.written, 11);
    CHECK_IS(memcmp(fake.out, "0123456789!", 11), 0);
}

static void write_some(void)
{
    play(NULL, 0);
    CHECK_IS(io_write(&stream, "abc", 3, NOWAIT), -EAGAIN);
    fake.room = 2;
    CHECK_IS(io_write(&stream, "abc", 3, NOWAIT), 2);
    CHECK_IS(io_write(&stream, "abc", 3, after_us(100)), -ETIMEDOUT);
    fake.room = 1;
    CHECK_IS(io_write(&stream, "c", 3, after_us(100)), 1);
    fake.room = 1;
    fake.write_error = -EPIPE;
    CHECK_IS(io_write(&stream, "de", 2, FOREVER), 1);
    CHECK_IS(io_write(&stream, "e", 1, FOREVER), -EPIPE);
    tasklet_cancel(tasklet_self());
    fake.write_error = 0;
    CHECK_IS(io_write(&stream, "e", 1, FOREVER), -ECANCELED);
    CHECK_IS(memcmp(fake.out, "abcd", 4), 0);
}

// ---- Lines ----

static void check_line(const char *expected)
{
    memset(buf, '#', sizeof buf);
    CHECK_IS(io_read_line(&stream, buf, 8, FOREVER), strlen(expected));
    CHECK_IS(strcmp(buf, expected), 0);
}

static void lines(void)
{
    PLAY(TEXT("lf\n\ncr\rcrlf\r\n\n\r\r\n"), TEXT("split"), TEXT("\n"), TEXT("1234567\nend"));
    check_line("lf");
    check_line("");
    check_line("cr");
    check_line("crlf");
    check_line(""); // the empty lines: LF, CR, CR LF
    check_line("");
    check_line("");
    check_line("split");
    check_line("1234567"); // just fits
    check_line("end");     // the end of the stream ends a line that was begun
    CHECK_IS(io_read_line(&stream, buf, 8, FOREVER), -EPIPE);
    CHECK_IS(io_read_line(&stream, buf, 8, NOWAIT), -EPIPE);
}

static void long_lines(void)
{
    PLAY(TEXT("12345678\n"), TEXT("a much longer line"), TEXT(", in two\r\nnext\n"), TEXT("xx\n"));
    CHECK_IS(io_read_line(&stream, buf, 8, FOREVER), -EMSGSIZE);
    CHECK_IS(strcmp(buf, "1234567"), 0);
    CHECK_IS(io_read_line(&stream, buf, 8, FOREVER), -EMSGSIZE);
    CHECK_IS(strcmp(buf, "a much "), 0);
    CHECK_IS(buf[8], '#');
    check_line("next");
    CHECK_IS(io_read_line(&stream, buf, 1, FOREVER), -EMSGSIZE);
    CHECK_IS(buf[0], '\0');
}

static void bytes_of_zero(void)
{
    PLAY(TEXT("a\0b\n\0\n"));
    CHECK_IS(io_read_line(&stream, buf, 8, FOREVER), 3);
    CHECK_IS(memcmp(buf, "a\0b", 4), 0);
    CHECK_IS(io_read_line(&stream, buf, 8, FOREVER), 1);
}

static void line_with_an_error(void)
{
    PLAY(TEXT("lost"), ERROR(-EIO), TEXT("kept\n"), PAUSE, TEXT("later\n"));
    CHECK_IS(io_read_line(&stream, buf, 8, FOREVER), -EIO);
    check_line("kept");
    CHECK_IS(io_read_line(&stream, buf, 8, after_us(100)), -ETIMEDOUT);
    worker("A", go_on, NULL);
    check_line("later");
}

// An LF that is not there yet when its CR ends the line is a line of its own.
static void late_line_feed(void)
{
    PLAY(TEXT("one\r"), PAUSE, TEXT("\ntwo\n"));
    check_line("one");
    worker("A", go_on, NULL);
    check_line("");
    check_line("two");
}

// ---- What a serial device reports with a byte ----

static void errors_of_a_port(void)
{
    static uint8_t rx[4], tx[4];
    static struct uart u = UART_INIT(u, "u", NULL, 0, 0, 0, rx, tx);

    uart_saw(&u, UART_BYTE, 'a');
    uart_saw(&u, UART_BYTE | UART_FRAMING, 0);
    uart_saw(&u, UART_BYTE | UART_FRAMING | UART_PARITY, 'x');
    uart_saw(&u, UART_BYTE | UART_PARITY, 'y');
    uart_saw(&u, UART_OVERRUN, 'z');
    uart_saw(&u, UART_BYTE | UART_OVERRUN, 'b');
    CHECK_IS(u.stats.breaks, 1);
    CHECK_IS(u.stats.framing, 1);
    CHECK_IS(u.stats.parity, 1);
    CHECK_IS(u.stats.overruns, 2);
    CHECK_IS(u.stats.received, 2);
    char got[4];

    CHECK_IS(uart_read(&u, got, sizeof got, NOWAIT), 2);
    CHECK(memcmp(got, "ab", 2) == 0);
}

// Who cannot look ahead takes CR LF for two ends.
static void blind_lines(void)
{
    PLAY(TEXT("one\r\ntwo\n"));
    CHECK_IS(io_read_line(&blind, buf, 8, FOREVER), 3);
    CHECK_IS(io_read_line(&blind, buf, 8, FOREVER), 0);
    CHECK_IS(io_read_line(&blind, buf, 8, FOREVER), 3);
    CHECK_IS(strcmp(buf, "two"), 0);
}

// Who always finds bytes, or room for them, gives way all the same.
static void one_step(void *unused)
{
    (void)unused;
    step(1);
}

static void ready_streams_give_way(void)
{
    PLAY(TEXT("abcd"));
    fake.room = 8;
    worker("A", one_step, NULL);
    suite_credit(1);
    CHECK_IS(io_read(&stream, buf, 1, FOREVER), 1);
    CHECK_TRACE("");
    CHECK_IS(io_read(&stream, buf, 1, FOREVER), 1);
    CHECK_TRACE("A1");
    worker("B", one_step, NULL);
    suite_credit(1);
    CHECK_IS(io_write(&stream, "x", 1, FOREVER), 1);
    CHECK_TRACE("");
    CHECK_IS(io_write(&stream, "y", 1, FOREVER), 1);
    CHECK_TRACE("B1");
}

int main(void)
{
    static const struct suite_case cases[] = {
        CASE(read_what_is_there),
        CASE(looks_again_after_a_wait),
        CASE(read_in_full),
        CASE(write_all),
        CASE(write_some),
        CASE(lines),
        CASE(long_lines),
        CASE(bytes_of_zero),
        CASE(line_with_an_error),
        CASE(late_line_feed),
        CASE(errors_of_a_port),
        CASE(blind_lines),
        CASE(ready_streams_give_way),
    };

    SUITE_RUN("io", cases);
}

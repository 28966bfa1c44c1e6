// SPDX-License-Identifier: MIT
//
// Serial ports over a device of four bytes each way that does nothing by itself: what a port does when it is
// empty, full, and in between.
#include <errno.h>
#include <string.h>

#include "io/uart.h"
#include "tests/kernel/suite.h"

enum { SPACE = 4 };

static uint8_t rx[SPACE], tx[SPACE];
static char sent[32];
static size_t length, starts;

static int init(struct uart *u)
{
    (void)u;
    return 0;
}

static void start(struct uart *u)
{
    (void)u;
    starts++;
}

// One byte leaves.
static void service(struct uart *u)
{
    if (uart_has_output(u) && length < sizeof sent) {
        sent[length++] = (char)uart_take_output(u);
    }
}

static const struct uart_driver driver = { .init = init, .start = start, .service = service };
static struct uart port = UART_INIT(port, "fake", &driver, 0, 0, 115200, rx, tx);

static void arrive(const char *text)
{
    for (; *text != '\0'; text++) {
        uart_received(&port, (uint8_t)*text);
    }
    uart_kick(&port);
}

static void drain(void *unused)
{
    (void)unused;
    while (uart_has_output(&port)) {
        service(&port);
    }
    uart_kick(&port);
}

static void check_sent(const char *text)
{
    drain(NULL);
    CHECK_IS(length, strlen(text));
    CHECK(memcmp(sent, text, length) == 0);
    length = 0;
}

// ---- Reading ----

static void read_waits(void)
{
    char buf[8];

    CHECK_IS(uart_read(&port, buf, 1, NOWAIT), -EAGAIN);
    CHECK_IS(uart_read(&port, buf, 1, after_us(10)), -ETIMEDOUT);
    tasklet_cancel(tasklet_self());
    CHECK_IS(uart_read(&port, buf, 1, FOREVER), -ECANCELED);
    arrive("abc");
    CHECK_IS(uart_read(&port, buf, 2, NOWAIT), 2);
    CHECK_IS(uart_read(&port, buf + 2, 8, NOWAIT), 1);
    CHECK(memcmp(buf, "abc", 3) == 0);
    CHECK_IS(uart_read(&port, buf, 1, NOWAIT), -EAGAIN);
}

static void read_one(void *unused)
{
    char c = 0;

    (void)unused;
    CHECK_IS(uart_read(&port, &c, 1, FOREVER), 1);
    step(c);
}

static void reader_wakes_the_next(void)
{
    CHECK(strcmp(worker("A", read_one, NULL)->name, "A") == 0);
    worker("B", read_one, NULL);
    tasklet_yield();
    arrive("\1\2");
    workers_join();
    CHECK_TRACE("A1 B2");
    worker("A", read_one, NULL);
    worker("B", read_one, NULL);
    tasklet_yield();
    arrive("\3");
    tasklet_yield();
    tasklet_yield();
    CHECK_TRACE("A3");
    arrive("\4");
    workers_join();
    CHECK_TRACE("B4");
}

static void lines(void)
{
    struct stream s = uart_stream(&port);
    char buf[4];

    arrive("a\r\nb");
    CHECK_IS(io_read_line(&s, buf, sizeof buf, NOWAIT), 1);
    CHECK(strcmp(buf, "a") == 0);
    CHECK_IS(uart_read(&port, buf, 2, NOWAIT), 1);
    CHECK_IS(buf[0], 'b');
    arrive("c\r");
    CHECK_IS(io_read_line(&s, buf, sizeof buf, NOWAIT), 1);
    CHECK(strcmp(buf, "c") == 0);
    CHECK_IS(s.ops->peek(s.device, buf), 0);
    arrive("d\r\n");
    CHECK_IS(io_read_line(&s, buf, sizeof buf, NOWAIT), 1);
    CHECK_IS(uart_read(&port, buf, 1, NOWAIT), -EAGAIN);
}

// ---- Writing ----

static void write_starts_the_device(void)
{
    starts = 0;
    CHECK_IS(uart_write(&port, "ab", 2, NOWAIT), 2);
    CHECK_IS(starts, 1);
    CHECK_IS(uart_write(&port, "cdef", 4, NOWAIT), 2);
    CHECK_IS(starts, 2);
    CHECK_IS(uart_write(&port, "ef", 2, NOWAIT), -EAGAIN);
    CHECK_IS(starts, 2);
    CHECK_IS(uart_write(&port, "ef", 2, after_us(10)), -ETIMEDOUT);
    check_sent("abcd");
}

static void write_waits_for_room(void)
{
    uart_write(&port, "0123", 4, NOWAIT);
    worker("A", drain, NULL);
    CHECK_IS(uart_write(&port, "45", 2, FOREVER), 2);
    workers_join();
    check_sent("012345");
}

static void write_text(void *text)
{
    CHECK_IS(uart_write(&port, text, strlen(text), FOREVER), strlen(text));
    step(0);
}

static void two_write(const char *first, const char *second, const char *together)
{
    uart_write(&port, "0123", 4, NOWAIT);
    worker("A", write_text, (void *)(uintptr_t)first);
    worker("B", write_text, (void *)(uintptr_t)second);
    tasklet_yield();
    drain(NULL);
    workers_join();
    CHECK_TRACE("A0 B0");
    check_sent(together);
}

// There is room for both: who leaves some behind wakes the next.
static void writer_wakes_the_next(void)
{
    two_write("ab", "cd", "0123abcd");
    two_write("abc", "d", "0123abcd");
}

static void flush_waits_for_the_device(void)
{
    CHECK_IS(uart_flush(&port, NOWAIT), 0);
    uart_write(&port, "xy", 2, NOWAIT);
    CHECK_IS(uart_flush(&port, NOWAIT), -EAGAIN);
    CHECK_IS(uart_flush(&port, after_us(10)), -ETIMEDOUT);
    worker("A", drain, NULL);
    CHECK_IS(uart_flush(&port, FOREVER), 0);
    CHECK(!uart_has_output(&port));
    check_sent("xy");
    workers_join();
}

// A writer is woken when half of the bytes have left; that is not all.
static void drain_in_halves(void *unused)
{
    service(&port);
    service(&port);
    uart_kick(&port);
    tasklet_yield();
    tasklet_yield();
    note("half");
    drain(unused);
}

static void flush_waits_for_the_last_byte(void)
{
    uart_write(&port, "wxyz", 4, NOWAIT);
    worker("A", drain_in_halves, NULL);
    CHECK_IS(uart_flush(&port, FOREVER), 0);
    note("flushed");
    CHECK_TRACE("half flushed");
    check_sent("wxyz");
    workers_join();
}

// Room for one byte is made here, if there is none, and no more.
static void push_makes_room(void)
{
    struct stream s = uart_stream(&port);

    uart_write(&port, "abc", 3, NOWAIT);
    s.ops->push(s.device);
    CHECK_IS(length, 0);
    uart_write(&port, "d", 1, NOWAIT);
    s.ops->push(s.device);
    CHECK_IS(length, 1);
    CHECK_IS(uart_write(&port, "e", 1, NOWAIT), 1);
    check_sent("abcde");
}

// ---- Select and keys ----

static int choose(deadline_t d)
{
    struct stream s = uart_stream(&port);
    struct select_case cases[] = { io_select_read(&s), io_select_write(&s) };

    return chan_select(cases, 2, d);
}

static void arrive_later(void *unused)
{
    (void)unused;
    arrive("x");
}

static void selected(void)
{
    char c;

    CHECK_IS(choose(NOWAIT), 1); // there is room
    uart_write(&port, "0123", 4, NOWAIT);
    CHECK_IS(choose(NOWAIT), -EAGAIN);
    worker("A", arrive_later, NULL);
    CHECK_IS(choose(FOREVER), 0);
    CHECK_IS(choose(NOWAIT), 0);
    CHECK_IS(uart_read(&port, &c, 1, NOWAIT), 1);
    worker("B", drain, NULL);
    CHECK_IS(choose(FOREVER), 1);
    workers_join();
    check_sent("0123");
}

static int pressed;

static void press(void *times)
{
    pressed += NUMBER(times);
}

static void keys_are_reported(void)
{
    struct stream s = uart_stream(&port);
    char buf[4];

    pressed = 0;
    s.ops->on_key(s.device, 3, press, ARG(5));
    arrive("a\003b");
    tasklet_yield();
    CHECK_IS(pressed, 5);
    CHECK_IS(uart_read(&port, buf, 4, NOWAIT), 2);
    CHECK(memcmp(buf, "ab", 2) == 0);
    s.ops->on_key(s.device, 3, NULL, NULL);
    arrive("\003");
    tasklet_yield();
    CHECK_IS(pressed, 5);
    CHECK_IS(uart_read(&port, buf, 4, NOWAIT), 1);
    CHECK_IS(buf[0], 3);
    uart_received(&port, 0);
    CHECK_IS(uart_read(&port, buf, 4, NOWAIT), 1);
    CHECK_IS(buf[0], 0);
}

int main(void)
{
    static const struct suite_case cases[] = {
        CASE(read_waits),
        CASE(reader_wakes_the_next),
        CASE(lines),
        CASE(write_starts_the_device),
        CASE(write_waits_for_room),
        CASE(writer_wakes_the_next),
        CASE(flush_waits_for_the_device),
        CASE(flush_waits_for_the_last_byte),
        CASE(push_makes_room),
        CASE(selected),
        CASE(keys_are_reported),
    };

    uart_start(&port);
    SUITE_RUN("uart", cases);
}

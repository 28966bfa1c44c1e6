// SPDX-License-Identifier: MIT
//
// Several tasklets wait at one serial port: who is woken. The port's device is the test.
#include <errno.h>

#include "io/uart.h"
#include "kernel/select.h"
#include "tests/kernel/suite.h"

static int start_nothing(struct uart *u)
{
    (void)u;
    return 0;
}

static void do_nothing(struct uart *u)
{
    (void)u;
}

static const struct uart_driver silent = {
    .init = start_nothing,
    .start = do_nothing,
    .service = do_nothing,
};

static uint8_t rx[8], tx[8];
static struct uart port = UART_INIT(port, "silent", &silent, 0, 0, 0, rx, tx);

// What the device's handler would do: a byte has come, or everything was sent.
static void receive(const char *bytes)
{
    while (*bytes != '\0') {
        uart_received(&port, (uint8_t)*bytes++);
    }
    uart_kick(&port);
}

static void send_all(void)
{
    while (uart_has_output(&port)) {
        uart_take_output(&port);
    }
    uart_kick(&port);
}

static void select_read(void *unused)
{
    struct stream stream = uart_stream(&port);
    struct select_case cases[] = { io_select_read(&stream) };

    (void)unused;
    note_number("selected", chan_select(cases, 1, FOREVER));
}

static void read_byte(void *unused)
{
    char byte;

    (void)unused;
    note_number("read", uart_read(&port, &byte, 1, FOREVER));
}

static void who_selects_need_not_read(void)
{
    worker("a", select_read, NULL);
    worker("b", select_read, NULL);
    worker("c", read_byte, NULL);
    worker("d", read_byte, NULL);
    tasklet_yield();
    receive("x");
    sleep_ms(1);
    CHECK_TRACE("selected0 selected0 read1");
    worker("e", select_read, NULL);
    tasklet_yield();
    receive("yz");
    sleep_ms(1);
    CHECK_TRACE("read1 selected0"); // who has left bytes wakes the next
    receive("");
    CHECK_IS(ring_used(&port.rx), 1);
    workers_join();
    read_byte(NULL);
    CHECK_TRACE("read1");
}

static void flush(void *unused)
{
    (void)unused;
    note_number("flushed", uart_flush(&port, FOREVER));
}

static void select_write(void *unused)
{
    struct stream stream = uart_stream(&port);
    struct select_case cases[] = { io_select_write(&stream) };

    (void)unused;
    note_number("selected", chan_select(cases, 1, FOREVER));
}

static void write_byte(void *unused)
{
    (void)unused;
    note_number("wrote", uart_write(&port, "x", 1, FOREVER));
}

static void all_who_wait_for_the_last_byte_go_on(void)
{
    CHECK_IS(uart_write(&port, "12345678", 8, NOWAIT), 8);
    worker("a", flush, NULL);
    worker("b", select_write, NULL);
    worker("c", flush, NULL);
    worker("d", write_byte, NULL);
    tasklet_yield();
    send_all();
    sleep_ms(1);
    CHECK_TRACE("flushed0 selected0 flushed0 wrote1");
    workers_join();
    send_all();
    tasklet_yield();
}

int main(void)
{
    static const struct suite_case cases[] = {
        CASE(who_selects_need_not_read),
        CASE(all_who_wait_for_the_last_byte_go_on),
    };

    uart_start(&port);
    SUITE_RUN("uart", cases);
}

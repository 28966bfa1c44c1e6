// SPDX-License-Identifier: MIT
#include "io/uart.h"

#include <errno.h>

#include "drivers/ready/ready.h"
#include "kernel/arch.h"
#include "kernel/panic.h"

// A reader that leaves bytes behind wakes the next one; the interrupt that brought them is over.
static int try_read(void *device, void *buf, size_t n)
{
    struct uart *u = device;
    size_t got = ring_read(&u->rx, buf, n);

    if (got == 0) {
        return -EAGAIN;
    }
    if (ring_used(&u->rx) != 0) {
        ready_wake(&u->readable);
    }
    return (int)got;
}

static int peek(void *device, char *byte)
{
    struct uart *u = device;

    if (ring_used(&u->rx) == 0) {
        return 0;
    }
    *byte = (char)u->rx.data[u->rx.tail & u->rx.mask];
    return 1;
}

static int try_write(void *device, const void *buf, size_t n)
{
    struct uart *u = device;
    size_t put = ring_write(&u->tx, buf, n);

    if (put == 0) {
        return -EAGAIN;
    }
    u->driver->start(u);
    if (ring_free(&u->tx) != 0) {
        ready_wake(&u->writable);
    }
    return (int)put;
}

static struct waitq *readable(void *device)
{
    return &((struct uart *)device)->readable;
}

static struct waitq *writable(void *device)
{
    return &((struct uart *)device)->writable;
}

static bool can_read(void *device)
{
    return ring_used(&((struct uart *)device)->rx) != 0;
}

static bool can_write(void *device)
{
    return ring_free(&((struct uart *)device)->tx) != 0;
}

static void on_key(void *device, int key, void (*fn)(void *), void *arg)
{
    struct uart *u = device;

    u->attention = -1;
    u->on_attention = fn;
    u->attention_arg = arg;
    sched_barrier();
    if (fn != NULL) {
        u->attention = (int16_t)key;
    }
}

// One byte at least, by polling.
static void push(void *device)
{
    struct uart *u = device;
    uintptr_t state = arch_irq_save();

    while (ring_free(&u->tx) == 0) {
        u->driver->service(u);
    }
    arch_irq_restore(state);
}

const struct stream_ops uart_stream_ops = {
    .try_read = try_read,
    .peek = peek,
    .try_write = try_write,
    .readable = readable,
    .writable = writable,
    .on_key = on_key,
    .push = push,
    .can_read = can_read,
    .can_write = can_write,
    .in_read = "uart_read",
    .in_write = "uart_write",
};

int uart_read(struct uart *u, void *buf, size_t n, deadline_t d)
{
    ASSERT(u != NULL, "uart_read: the port is NULL");
    struct stream s = uart_stream(u);

    return io_read(&s, buf, n, d);
}

int uart_write(struct uart *u, const void *buf, size_t n, deadline_t d)
{
    ASSERT(u != NULL, "uart_write: the port is NULL");
    struct stream s = uart_stream(u);

    return io_write(&s, buf, n, d);
}

// Who has waited for the last byte wakes the next: that there is room, or nothing more to send, is news for
// him too, and no interrupt will bring it.
int uart_flush(struct uart *u, deadline_t d)
{
    ASSERT(u != NULL, "uart_flush: the port is NULL");
    while (uart_has_output(u)) {
        int waited = wait_on(&u->writable, "uart_flush", d);

        if (waited < 0) {
            return waited;
        }
    }
    ready_wake(&u->writable);
    return 0;
}

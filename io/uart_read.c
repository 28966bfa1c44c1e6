// SPDX-License-Identifier: MIT
//
// Reading a serial port, and the port as a stream in both directions. A program that only writes links
// none of it, nor the receiving half of drivers/uart.
#include <errno.h>

#include "drivers/ready/ready.h"
#include "io/uart.h"
#include "io/uart_ops.h"
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

static struct waitq *readable(void *device)
{
    return &((struct uart *)device)->readable;
}

static bool can_read(void *device)
{
    return ring_used(&((struct uart *)device)->rx) != 0;
}

static void on_key(void *device, int key, void (*fn)(void *), void *arg)
{
    uart_on_key(device, key, fn, arg);
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
    .try_write = uart_try_write,
    .readable = readable,
    .writable = uart_writable,
    .on_key = on_key,
    .push = push,
    .can_read = can_read,
    .can_write = uart_can_write,
    .in_read = "uart_read",
    .in_write = "uart_write",
};

int uart_read(struct uart *u, void *buf, size_t n, deadline_t d)
{
    ASSERT(u != NULL, "uart_read: the port is NULL");
    struct stream s = uart_stream(u);

    return io_read(&s, buf, n, d);
}

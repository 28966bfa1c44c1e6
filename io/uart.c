// SPDX-License-Identifier: MIT
#include "io/uart.h"

#include <errno.h>

#include "drivers/ready/ready.h"
#include "io/uart_ops.h"
#include "kernel/panic.h"

int uart_try_write(void *device, const void *buf, size_t n)
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

struct waitq *uart_writable(void *device)
{
    return &((struct uart *)device)->writable;
}

bool uart_can_write(void *device)
{
    return ring_free(&((struct uart *)device)->tx) != 0;
}

const struct stream_ops uart_output_ops = {
    .try_write = uart_try_write,
    .writable = uart_writable,
    .can_write = uart_can_write,
    .in_write = "uart_write",
};

int uart_write(struct uart *u, const void *buf, size_t n, deadline_t d)
{
    ASSERT(u != NULL, "uart_write: the port is NULL");
    struct stream s = uart_output(u);

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

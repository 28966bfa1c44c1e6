// SPDX-License-Identifier: MIT
//
// Serial ports for tasklets: calls that look synchronous. docs/walk.md follows a uart_read() from
// here to the interrupt and back.
#pragma once

#include "drivers/uart/uart.h"
#include "io/stream.h"

// Reads what has arrived, at least one byte: 1..n; -ETIMEDOUT, -ECANCELED, -EAGAIN (NOWAIT).
int uart_read(struct uart *u, void *buf, size_t n, deadline_t d);

// Writes n bytes: returns when the last has gone into the port's ring. Fewer than n only if the
// deadline or a cancellation came in between; an error if nothing was written.
int uart_write(struct uart *u, const void *buf, size_t n, deadline_t d);

// Waits until all that was written has left for the device.
int uart_flush(struct uart *u, deadline_t d);

// The port as a stream.
extern const struct stream_ops uart_stream_ops, uart_output_ops;

static inline struct stream uart_stream(struct uart *u)
{
    return (struct stream){ &uart_stream_ops, u };
}

// The port as a stream that is only written, and is not the C library's: a program that uses no other
// links nothing that receives.
static inline struct stream uart_output(struct uart *u)
{
    return (struct stream){ &uart_output_ops, u };
}

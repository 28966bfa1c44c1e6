// SPDX-License-Identifier: MIT
//
// The part of a UART that does not depend on its registers.
#include "drivers/uart/uart.h"

#include "drivers/ready/ready.h"
#include "kernel/arch.h"

int uart_start(struct uart *u)
{
    int error = u->driver->init(u);

    if (error == 0) {
        poller_register(&u->poller);
    }
    return error;
}

void uart_received(struct uart *u, uint8_t byte)
{
    if (byte == u->attention) {
        u->attention_seen = 1;
    } else if (ring_free(&u->rx) == 0) {
        u->stats.dropped++;
    } else {
        ring_put(&u->rx, byte);
        u->stats.received++;
    }
}

// A writer is woken when half the ring is free, so that a long text is not sent byte by byte.
void uart_poll(struct poller *p)
{
    struct uart *u = container_of(p, struct uart, poller);

    if (u->polled) {
        u->driver->service(u);
        poller_kick(p);
    }
    if (u->attention_seen) {
        u->attention_seen = 0;
        if (u->on_attention != NULL) {
            u->on_attention(u->attention_arg);
        }
    }
    if (ring_used(&u->rx) != 0) {
        ready_wake(&u->readable);
    }
    if (ring_free(&u->tx) > u->tx.mask / 2u) {
        ready_wake(&u->writable);
    }
}

void uart_put_polled(struct uart *u, uint8_t byte)
{
    while (uart_has_output(u)) { // what was written before stays in order
        u->driver->service(u);
    }
    while (!u->driver->can_send(u)) {
    }
    u->driver->send(u, byte);
}

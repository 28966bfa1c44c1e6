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

// A port that nobody reads: what comes is counted, and writers are woken. In a program that reads, the
// functions of input.c stand in the place of these three.
__attribute__((weak)) void uart_received(struct uart *u, uint8_t byte)
{
    (void)byte;
    u->stats.dropped++;
}

__attribute__((weak)) void uart_saw(struct uart *u, uint32_t status, uint8_t byte)
{
    (void)status;
    (void)byte;
    u->stats.dropped++;
}

__attribute__((weak)) void uart_poll(struct poller *p)
{
    uart_poll_output(container_of(p, struct uart, poller));
}

// A writer is woken when half the ring is free, so that a long text is not sent byte by byte.
void uart_poll_output(struct uart *u)
{
    if (u->polled) {
        u->driver->service(u);
        poller_kick(&u->poller);
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

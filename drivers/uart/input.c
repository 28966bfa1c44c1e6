// SPDX-License-Identifier: MIT
//
// The half of a UART's class that receives. A program links it if it reads a port, or asks for a key.
#include "drivers/uart/uart.h"

#include "drivers/ready/ready.h"

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

void uart_saw(struct uart *u, uint32_t status, uint8_t byte)
{
    if (status & UART_OVERRUN) {
        u->stats.overruns++;
    }
    if ((status & UART_BYTE) == 0) {
        return;
    }
    if ((status & UART_FRAMING) && byte == 0) {
        u->stats.breaks++;
    } else if (status & UART_FRAMING) {
        u->stats.framing++;
    } else if (status & UART_PARITY) {
        u->stats.parity++;
    } else {
        uart_received(u, byte);
    }
}

void uart_poll(struct poller *p)
{
    struct uart *u = container_of(p, struct uart, poller);

    uart_poll_output(u);
    if (u->attention_seen) {
        u->attention_seen = 0;
        if (u->on_attention != NULL) {
            u->on_attention(u->attention_arg);
        }
    }
    if (ring_used(&u->rx) != 0) {
        ready_wake(&u->readable);
    }
}

void uart_on_key(struct uart *u, int key, void (*fn)(void *), void *arg)
{
    u->attention = -1;
    u->on_attention = fn;
    u->attention_arg = arg;
    sched_barrier();
    if (fn != NULL) {
        u->attention = (int16_t)key;
    }
}

// SPDX-License-Identifier: MIT
//
// Channels: typed messages between tasklets. Without a buffer a send and a receive meet (rendezvous):
// both return when the element has gone from one to the other, copied once. With a buffer of n
// elements the sender is ahead by n at most. The model is Hoare's CSP (1978) as Stackless Python and
// Go have it.
//
//     static CHAN(jobs, struct job, 4);
//
//     chan_send(&jobs, &job, FOREVER);                       while (chan_recv(&jobs, &job, FOREVER) == 0)
//     chan_close(&jobs);                                         work(&job);
//
// Waiting tasklets are served in the order in which they came.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kernel/wait.h"

struct chan {
    struct waitq waiting; // senders or receivers, never both: who comes second is served
    uint8_t *buffer;      // capacity x size bytes
    uint16_t size;        // of an element, in bytes
    uint16_t capacity;    // elements in the buffer; 0: rendezvous
    uint16_t count;       // elements there now
    uint16_t head;        // index of the oldest
    uint8_t senders;      // those who wait are senders
    uint8_t closed;
};

// Defines a channel of `capacity` elements of a type, 0 for rendezvous.
#define CHAN(its_name, type, its_capacity)                                                         \
    struct chan its_name = {                                                                       \
        .waiting = WAITQ_INIT((its_name).waiting, #its_name),                                      \
        .buffer = (uint8_t *)(type[(its_capacity) > 0 ? (its_capacity) : 1]){},                    \
        .size = sizeof(type),                                                                      \
        .capacity = (its_capacity),                                                                \
    }

// The same at run time. `buffer` has room for capacity x size bytes and belongs to the channel; NULL
// with capacity 0.
void chan_init(struct chan *c, const char *name, void *buffer, size_t capacity, size_t size);

// Sends a copy of *elem. Returns 0 when a receiver or the buffer has it; -EPIPE if the channel is
// closed, before or meanwhile: the element was not sent; -ETIMEDOUT, -ECANCELED, -EAGAIN (NOWAIT).
// Contexts: tasklet; poll with NOWAIT.
int chan_send(struct chan *c, const void *elem, deadline_t d);

// Receives into *elem. Returns 0; -EPIPE if the channel is closed and drained; else as above.
// Contexts: tasklet; poll with NOWAIT.
int chan_recv(struct chan *c, void *elem, deadline_t d);

// Ends the channel: those who wait, and later sends, get -EPIPE; receives still get what is buffered.
// Returns 0, or -EALREADY if it was closed before. Contexts: tasklet, poll.
int chan_close(struct chan *c);

// Elements in the buffer.
static inline size_t chan_count(const struct chan *c)
{
    return c->count;
}

// ---- Sequences: many elements in one call ----

// Sends `n` elements, one after the other in memory, in their order. Returns how many were sent: n, or less
// if the channel was closed, the deadline passed or a cancellation came in between; an error as above if
// none was. Context: tasklet.
int chan_send_sequence(struct chan *c, const void *elems, size_t n, deadline_t d);

// Receives up to `n` elements: waits for the first, and takes what is there then without waiting. Returns how
// many, at least 1; or an error as above. Context: tasklet.
int chan_recv_sequence(struct chan *c, void *elems, size_t n, deadline_t d);

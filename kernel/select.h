// SPDX-License-Identifier: MIT
//
// Waiting for the first of several: sends, receives, wait queues. The order of the cases is their
// priority: if several can go on at once, the first does.
//
//     struct select_case cases[] = {
//         SELECT_RECV(&jobs, &job),
//         SELECT_SEND(&results, &result),
//     };
//
//     switch (chan_select(cases, 2, after_ms(100))) {
//     case 0: ...                     // a job was received, or cases[0].result is -EPIPE
//     case 1: ...
//     case -ETIMEDOUT: ...
//     }
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kernel/chan.h"

enum select_op { SELECT_OP_SEND, SELECT_OP_RECV, SELECT_OP_WAIT };

struct select_case {
    enum select_op op;
    union {
        struct chan *chan;   // send, receive
        struct waitq *queue; // wait
    };
    void *elem;                // what to send, or where to; of a wait: the argument of `ready`
    bool (*ready)(void *elem); // of a wait: can it go on at once? NULL: never
    int result;                // of the case that was chosen: 0, or -EPIPE if its channel is closed
};

#define SELECT_SEND(its_chan, its_elem)                                                            \
    {                                                                                              \
        .op = SELECT_OP_SEND, .chan = (its_chan), .elem = (its_elem)                               \
    }
#define SELECT_RECV(its_chan, its_elem)                                                            \
    {                                                                                              \
        .op = SELECT_OP_RECV, .chan = (its_chan), .elem = (its_elem)                               \
    }
// Is never ready at once: look at what the queue stands for before. Streams and sockets make cases that
// are: io_select_read(), sock_select_recv().
#define SELECT_WAIT(its_queue)                                                                     \
    {                                                                                              \
        .op = SELECT_OP_WAIT, .queue = (its_queue)                                                 \
    }

enum {
    SELECT_CASES = 8, // at most in one call
    SELECT_CALLS = 4, // tasklets that wait in chan_select() at the same time
};

// Waits until one case can go on, does it, and returns its index; or -ETIMEDOUT, -ECANCELED, -EAGAIN
// (NOWAIT), -EINVAL for no case or more than SELECT_CASES, -EEXIST if a channel or queue stands in two
// cases, -ENOMEM if SELECT_CALLS tasklets wait in it already. Exactly one case is done, or none.
// Context: tasklet.
int chan_select(struct select_case *cases, size_t n, deadline_t d);

// The same with waiters of the caller's, static ones, so that it cannot be short of them.
struct selector {
    struct wait_set set;
    struct set_waiter waiters[SELECT_CASES];
};
int chan_select_with(struct selector *s, struct select_case *cases, size_t n, deadline_t d);

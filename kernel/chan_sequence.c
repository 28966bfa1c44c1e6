// SPDX-License-Identifier: MIT
//
// Sequences of elements: sends and receives, one after the other.
#include <errno.h>
//
// Sequences of elements over a channel: loops over its single operations.
#include <limits.h>

#include "kernel/chan_try.h"
#include "kernel/panic.h"
#include "kernel/tasklet.h"

int chan_send_sequence(struct chan *c, const void *elems, size_t n, deadline_t d)
{
    ASSERT(c != NULL && elems != NULL && n > 0 && n <= INT_MAX,
           "chan_send_sequence: NULL channel or elements, or none");
    const uint8_t *elem = elems;

    for (size_t i = 0; i < n; i++, elem += c->size) {
        int result = chan_send(c, elem, d);

        if (result == -ECANCELED && i > 0) {
            tasklet_cancel(tasklet_self()); // what was sent comes first; the next call tells
        }
        if (result != 0) {
            return i > 0 ? (int)i : result;
        }
    }
    return (int)n;
}

int chan_recv_sequence(struct chan *c, void *elems, size_t n, deadline_t d)
{
    ASSERT(c != NULL && elems != NULL && n > 0 && n <= INT_MAX,
           "chan_recv_sequence: NULL channel or elements, or none");
    uint8_t *elem = elems;
    int result = chan_recv(c, elem, d);

    if (result != 0) {
        return result;
    }
    for (size_t i = 1; i < n; i++) {
        elem += c->size;
        if (chan_try_recv(c, elem) != 0) {
            return (int)i;
        }
    }
    return (int)n;
}

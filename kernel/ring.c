// SPDX-License-Identifier: MIT
//
// The byte ring's block transfers: at most two copies, then one index store that makes them valid.
#include "kernel/ring.h"

#include <string.h>

static size_t at_most(size_t n, size_t limit)
{
    return n < limit ? n : limit;
}

size_t ring_write(struct ring *r, const void *from, size_t n)
{
    size_t head = r->head & r->mask, till_end = (size_t)r->mask + 1 - head;
    size_t count = at_most(n, ring_free(r)), first = at_most(count, till_end);

    memcpy(r->data + head, from, first);
    memcpy(r->data, (const uint8_t *)from + first, count - first);
    ring_barrier();
    r->head = (uint16_t)(r->head + count);
    return count;
}

size_t ring_read(struct ring *r, void *to, size_t n)
{
    size_t tail = r->tail & r->mask, till_end = (size_t)r->mask + 1 - tail;
    size_t count = at_most(n, ring_used(r)), first = at_most(count, till_end);

    memcpy(to, r->data + tail, first);
    memcpy((uint8_t *)to + first, r->data, count - first);
    ring_barrier();
    r->tail = (uint16_t)(r->tail + count);
    return count;
}

// SPDX-License-Identifier: MIT
//
// A byte ring between one producer and one consumer, one of which may be an interrupt handler. Both
// indices run freely and are only written by their owner, so no side ever masks an interrupt.
//
//        tail (consumer)          head (producer)
//          v                        v
//      . . # # # # # # # # # # # # # . . . .       used = head - tail, free = size - used
//
// The size is a power of two. 16-bit indices: a store is one instruction on every machine.
#pragma once

#include <stddef.h>
#include <stdint.h>

struct ring {
    uint8_t *data;          // `mask + 1` bytes
    uint16_t mask;          // size - 1
    volatile uint16_t head; // bytes ever put in, modulo 2^16; written by the producer
    volatile uint16_t tail; // bytes ever taken out, modulo 2^16; written by the consumer
};

// `static struct ring r = RING_INIT(bytes);` where `bytes` is an array, its size a power of two of
// at most 32768.
#define RING_INIT(bytes)                                                                           \
    {                                                                                              \
        .data = (bytes), .mask = (uint16_t)(sizeof(bytes) - 1)                                     \
    }

// The order of the data against the index matters to the compiler only: there is one processor.
#define ring_barrier() __asm__ volatile("" ::: "memory")

static inline size_t ring_used(const struct ring *r)
{
    return (uint16_t)(r->head - r->tail);
}

static inline size_t ring_free(const struct ring *r)
{
    return (size_t)r->mask + 1 - ring_used(r);
}

// Producer: appends one byte. The caller has seen that there is room.
static inline void ring_put(struct ring *r, uint8_t byte)
{
    uint16_t head = r->head;

    r->data[head & r->mask] = byte;
    ring_barrier();
    r->head = (uint16_t)(head + 1);
}

// Consumer: takes one byte. The caller has seen that there is one.
static inline uint8_t ring_get(struct ring *r)
{
    uint16_t tail = r->tail;
    uint8_t byte = r->data[tail & r->mask];

    ring_barrier();
    r->tail = (uint16_t)(tail + 1);
    return byte;
}

// Producer: appends up to n bytes, returns how many.
size_t ring_write(struct ring *r, const void *from, size_t n);

// Consumer: takes up to n bytes, returns how many.
size_t ring_read(struct ring *r, void *to, size_t n);

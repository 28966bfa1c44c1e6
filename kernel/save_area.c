// SPDX-License-Identifier: MIT
//
// Chunks of saved stacks: made, and reached into.
#include "kernel/save_area.h"

#include <string.h>

#include "kernel/panic.h"

enum { SAVE_CHUNKS_MOST = INT16_MAX };

_Static_assert(offsetof(struct save_area, chunks) == 0 &&
                   offsetof(struct save_area, links) == sizeof(void *) &&
                   offsetof(struct save_area, free) == 2 * sizeof(void *) + 2,
               "arch/*/chunks.S knows where they are");

void save_area_init(struct save_area *a, void *memory, size_t size)
{
    uintptr_t align = sizeof(uintptr_t);
    uintptr_t base = ((uintptr_t)memory + align - 1) & ~(align - 1);
    size_t lost = base - (uintptr_t)memory;
    size_t count = size < lost ? 0 : (size - lost) / (SAVE_CHUNK + sizeof(uint16_t));

    ASSERT(memory != NULL && count > 0 && count <= SAVE_CHUNKS_MOST,
           "save_area_init: NULL, or size out of range");
    *a = (struct save_area){
        .chunks = (struct save_chunk *)base,
        .links = (uint16_t *)(base + count * SAVE_CHUNK),
        .count = (uint16_t)count,
        .spare = (uint16_t)count,
        .least = (uint16_t)count,
    };
}

void save_area_prepare(struct save_area *a)
{
    if (!a->ready) {
        ASSERT(a->count > 0 && a->count <= SAVE_CHUNKS_MOST, "save_area: no memory, or too much");
        for (unsigned i = 0; i < a->count; i++) {
            a->links[i] = (uint16_t)(2 * (i + 1));
        }
        a->ready = 1;
    }
}

// The chunk in which byte number *offset of a chain lies; *offset becomes its place there.
static uint8_t *reach(const struct save_area *a, uint16_t first, size_t *offset)
{
    unsigned i = first;

    for (; *offset >= SAVE_CHUNK; *offset -= SAVE_CHUNK) {
        i = *save_area_link(a, i);
    }
    return (uint8_t *)save_area_chunk(a, i) + *offset;
}

static size_t part_of(size_t size, size_t offset)
{
    size_t here = SAVE_CHUNK - offset % SAVE_CHUNK;

    return size < here ? size : here;
}

void save_area_read(const struct save_area *a, uint16_t first, size_t offset, void *to, size_t size)
{
    uint8_t *next = to;

    while (size > 0) {
        size_t part = part_of(size, offset), there = offset;

        memcpy(next, reach(a, first, &there), part);
        next += part;
        offset += part;
        size -= part;
    }
}

void save_area_write(struct save_area *a, uint16_t first, size_t offset, const void *from,
                     size_t size)
{
    const uint8_t *next = from;

    while (size > 0) {
        size_t part = part_of(size, offset), there = offset;

        memcpy(reach(a, first, &there), next, part);
        next += part;
        offset += part;
        size -= part;
    }
}

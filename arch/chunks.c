// SPDX-License-Identifier: MIT
//
// Stacks into chunks and back, for ports that have no assembly for it: the compiler makes of the copy of a
// chunk what the processor can.
#include "kernel/arch.h"
#include "kernel/save_area.h"

ARCH_COPIES_STACKS uint16_t save_area_take(struct save_area *a, const void *from, size_t n)
{
    const struct save_chunk *next = from, *end = next + n;
    unsigned first = a->free, link = first;

    do {
        *save_area_chunk(a, link) = *next++;
        link = *save_area_link(a, link);
    } while (next != end);
    a->free = (uint16_t)link;
    return (uint16_t)first;
}

ARCH_COPIES_STACKS void save_area_give(struct save_area *a, uint16_t first, void *to, size_t n)
{
    struct save_chunk *next = to, *end = next + n;
    unsigned link = first, last;

    do {
        *next++ = *save_area_chunk(a, link);
        last = link;
        link = *save_area_link(a, link);
    } while (next != end);
    *save_area_link(a, last) = a->free;
    a->free = first;
}

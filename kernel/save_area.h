// SPDX-License-Identifier: MIT
//
// Where the bytes of stacks lie that others use meanwhile (kernel/shared_stack.h): memory in chunks of one
// size, so that it never falls into pieces that are of no use. What is saved is a chain of chunks. The links
// stand in an array beside the chunks, for a chunk is exactly a number of machine words that are loaded and
// stored together:
//
//      chunks   | 0  bytes | 1  bytes | 2  free  | 3  bytes | ...
//      links       3          -          ...        1            two bytes each: 0, 3, 1 is a chain
//
// A link is twice the number of the chunk, which is its place among the links, in bytes.
//
// Chunks are counted before they are taken: `spare` is what is promised to nobody. Who was promised some
// finds them, whenever that is.
#pragma once

#include <stddef.h>
#include <stdint.h>

enum { SAVE_CHUNK = 32 }; // bytes

struct save_chunk {
    uintptr_t words[SAVE_CHUNK / sizeof(uintptr_t)];
};

struct save_area {
    struct save_chunk *chunks;
    uint16_t *links; // by chunk: to the next of its chain, or of the free ones
    uint16_t count;  // of chunks
    uint16_t free;   // the link to the first free chunk
    uint16_t spare;  // chunks that are promised to nobody
    uint16_t least;  // `spare` at its lowest, ever
    uint8_t ready;   // the links stand
};

// Defines an area for `bytes` bytes of stacks in all; it takes a sixteenth more for the links.
//     static SAVE_AREA(conversations, 8192);
#define SAVE_AREA(its_name, bytes)                                                                 \
    struct save_area its_name = {                                                                  \
        .chunks = (struct save_chunk[SAVE_CHUNKS(bytes)]){},                                       \
        .links = (uint16_t[SAVE_CHUNKS(bytes)]){},                                                 \
        .count = SAVE_CHUNKS(bytes),                                                               \
        .spare = SAVE_CHUNKS(bytes),                                                               \
        .least = SAVE_CHUNKS(bytes),                                                               \
    }

// How many chunks so many bytes take.
#define SAVE_CHUNKS(bytes) (((bytes) + SAVE_CHUNK - 1) / SAVE_CHUNK)

// The same at run time, of as many chunks as `size` bytes of memory hold with their links.
void save_area_init(struct save_area *a, void *memory, size_t size);

// ---- For shared_stack.c ----

// Links the free chunks, once.
void save_area_prepare(struct save_area *a);

// Given by the port, in assembly where that is worth it, or arch/chunks.c:

// Moves n >= 1 chunks from memory into free chunks, which the caller was promised, and returns the link to the
// first. The chain has no end of its own: the stack pointer tells how long it is.
uint16_t save_area_take(struct save_area *a, const void *from, size_t n);

// Moves the n >= 1 chunks of the chain that begins with `first` to memory; they are free again.
void save_area_give(struct save_area *a, uint16_t first, void *to, size_t n);

static inline struct save_chunk *save_area_chunk(const struct save_area *a, unsigned link)
{
    return (struct save_chunk *)(void *)((char *)a->chunks + link * (SAVE_CHUNK / 2));
}

static inline uint16_t *save_area_link(const struct save_area *a, unsigned link)
{
    return (uint16_t *)(void *)((char *)a->links + link);
}

// Reads or writes `size` saved bytes of a chain, from its byte number `offset` on.
void save_area_read(const struct save_area *a, uint16_t first, size_t offset, void *to,
                    size_t size);
void save_area_write(struct save_area *a, uint16_t first, size_t offset, const void *from,
                     size_t size);

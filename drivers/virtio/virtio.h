// SPDX-License-Identifier: MIT
//
// Virtio devices behind memory-mapped registers, and the rings through which they take buffers and
// give them back ("Virtual I/O Device (VIRTIO) Version 1.1", OASIS; sections in brackets). Both kinds
// of register layout: version 2 [4.2.2] and the older version 1, "legacy" [4.2.4], which is what QEMU
// shows unless told otherwise.
//
//     driver                                device
//     fill descriptor `id`
//     virtq_post(id)   --- available --->   reads or writes the memory that it describes
//     virtq_take()     <----- used -----    says `id`, and how many bytes it has written
//
// A descriptor is the device's from post to take, and its memory must not be touched meanwhile. A
// driver that wants a chain of several links them by `next` and posts the first.
//
// The device is another machine that shares the memory: what it says is checked before it is believed.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    VIRTIO_NETWORK = 1, // device types [5]
    VIRTIO_BLOCK = 2,
    VIRTIO_ENTROPY = 4,
};

enum {
    VIRTQ_SIZE = 16,   // descriptors in a ring; a power of two, at most 32
    VIRTQ_ALIGN = 256, // what a legacy device is told to be the size of a page
};

// Where a machine has its devices: `count` places, each empty or not. The board defines it.
struct virtio_slots {
    uintptr_t base;  // of the first one's registers
    uint32_t stride; // from one to the next
    uint8_t count;   //
    uint8_t line;    // interrupt line of the first; the others follow
};
extern const struct virtio_slots virtio_slots;

struct virtio {
    uintptr_t base;    // of its registers
    uint8_t line;      // interrupt line
    bool modern;       // version 2
    uint32_t features; // that both sides agreed on, 0 to 31
};

// The split ring [2.6], as a legacy device wants it: in one piece.
struct virtq_memory {
    _Alignas(VIRTQ_ALIGN) struct virtq_descriptor {
        uint64_t address;
        uint32_t length;
        uint16_t flags; // VIRTQ_NEXT, VIRTQ_WRITE
        uint16_t next;
    } table[VIRTQ_SIZE];
    struct {
        volatile uint16_t flags; // VIRTQ_QUIET
        volatile uint16_t index;
        volatile uint16_t ring[VIRTQ_SIZE];
        volatile uint16_t event;
    } available; // written by the driver; flags in interrupts, too
    _Alignas(VIRTQ_ALIGN) struct {
        volatile uint16_t flags; // VIRTQ_QUIET
        volatile uint16_t index;
        struct {
            volatile uint32_t id, length;
        } ring[VIRTQ_SIZE];
        volatile uint16_t event;
    } used; // written by the device
};

enum {
    VIRTQ_NEXT = 1 << 0,  // the chain goes on
    VIRTQ_WRITE = 1 << 1, // the device writes; else it reads
    VIRTQ_QUIET = 1 << 0, // available: no interrupts, please; used: no notifications, please
};

struct virtq {
    struct virtq_memory *memory; // set by the driver before virtq_start()
    uint16_t number;             // which of the device's queues
    uint16_t posted;             // how often, modulo 2^16
    uint16_t taken;              //
    uint32_t with_device;        // bit `id`: posted and not taken
};

// Orders what processor and device see of memory and registers before it and after it.
static inline void virtio_fence(void)
{
    __asm__ volatile("fence iorw, iorw" ::: "memory");
}

// ---- The device. Contexts: boot, tasklet, poll ----

// Looks for a device of this type, at v->base or, if that is 0, in all slots, fills in base and line,
// resets it and agrees on those of the features in `wanted` that it has. Returns 0; -ENODEV if there
// is none, or none that this driver can use; -ETIMEDOUT if it does not come back from the reset.
int virtio_start(struct virtio *v, uint32_t type, uint32_t wanted);

// Gives the device one of its queues, empty. Interrupts are off. 0, or -ENODEV if it has no such queue
// or a shorter one.
int virtq_start(const struct virtio *v, struct virtq *q, uint16_t number);

// The queues are there; from now on buffers may be posted.
void virtio_ready(const struct virtio *v);

// Gives the device up, and says so to it [2.1.1].
void virtio_fail(const struct virtio *v);

// Fields of the device's configuration [2.4]. Those that are wider may change between two reads.
uint8_t virtio_config8(const struct virtio *v, unsigned offset);
uint16_t virtio_config16(const struct virtio *v, unsigned offset);
uint32_t virtio_config32(const struct virtio *v, unsigned offset);

// In the handler: takes note of the interrupt; false if it is another device's. Any context.
bool virtio_acknowledge(const struct virtio *v);

// ---- Its queues. Contexts: as the driver has it, but never two at a time ----

// Describes a piece of memory; of a chain, what `next` says is the caller's.
void virtq_describe(struct virtq *q, unsigned id, void *memory, size_t length, uint16_t flags);

// Gives the chain that begins with `id` to the device.
void virtq_post(const struct virtio *v, struct virtq *q, unsigned id);

// How many chains the device has given back and virtq_take() has not returned. Any context. More than
// VIRTQ_SIZE if the device is out of its mind.
static inline unsigned virtq_waiting(const struct virtq *q)
{
    return (uint16_t)(q->memory->used.index - q->taken);
}

// Takes back the chain that the device is through with: its `id`, and the bytes that were written as
// the device says, which may be more than there is room for. -EAGAIN if there is none; -EIO if the
// device names one that it does not have.
int virtq_take(struct virtq *q, uint32_t *written);

// Asks the device for no interrupts, or for one at each chain that comes back. A hint: some may come
// nevertheless; and what came back before it was asked causes none, so look again afterwards. Any
// context.
static inline void virtq_quiet(struct virtq *q, bool quiet)
{
    q->memory->available.flags = quiet ? VIRTQ_QUIET : 0;
    virtio_fence();
}

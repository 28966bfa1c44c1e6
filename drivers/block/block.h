// SPDX-License-Identifier: MIT
//
// Block devices, the class: disks, cards, flash, RAM. A request goes down with a function that is called
// when it is done; several may be with the device at once, and they come back in any order. Nothing here
// waits; who wants calls that look synchronous finds them in io/block.h.
//
//     tasklet or poller                 driver                          device
//     block_submit(d, r)   --------->   submit(): posts it   ------->   reads or writes r->buffer
//     r->done(r, result)   <---------   poller: block_done() <-------   handler: quiet, kick
//
// The request and its buffer are the device's from block_submit() to done(): it may look at them, and write
// to the buffer, at any moment in between, and there is no way to call it back. So neither lies on a stack
// that its owner could leave.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kernel/wait.h"

enum block_op { BLOCK_READ, BLOCK_WRITE, BLOCK_FLUSH };

struct block_device;

struct block_request {
    enum block_op op;
    uint16_t count;  // of sectors, at least 1; not of a flush
    uint64_t sector; // the first
    void *buffer;    // count sectors, word-aligned

    // Poll context, never inside block_submit(): the request is the caller's again, who may submit it once
    // more at once. 0: all of it was done; -EIO: the device failed, and what a read has left in the buffer,
    // or a write on the medium, is undefined; -ENOTSUP: the device does not know how.
    void (*done)(struct block_request *r, int result);

    struct list link; // the driver's, while the device has it
};

struct block_driver {
    // Brings the device up and fills in its size and what it is. 0; -ENODEV if there is none, or none that
    // this driver can use; -ETIMEDOUT if it does not come up.
    int (*start)(struct block_device *d);

    // Takes a request that block_check() has found good: 0, or -EAGAIN if no more go in. It ends in
    // block_done(), in poll context and not before this function has returned.
    int (*submit)(struct block_device *d, struct block_request *r);
};

struct block_device {
    const struct block_driver *driver;
    const char *name;     // "disk0"
    struct waitq room;    // who was told -EAGAIN, and waits for a request to be done
    uint64_t sectors;     // how many; this and the next four are set by start()
    uint16_t sector_size; // in bytes
    uint16_t depth;       // requests that it takes at once
    bool read_only;       //
    bool started;         //
    uint16_t in_device;   // requests now
    uint16_t most;        // ever at once
    uint32_t errors;      // requests that failed, and whatever else it did wrong
    uintptr_t base;       // of its registers, if it has any; 0: the driver searches
    uint8_t line;         // interrupt line
    void *state;          // the driver's own
};

// `struct block_device board_block = BLOCK_DEVICE_INIT(board_block, "disk0", &block_virtio);`
#define BLOCK_DEVICE_INIT(self, its_name, its_driver)                                              \
    {                                                                                              \
        .driver = (its_driver), .name = (its_name), .room = WAITQ_INIT((self).room, its_name)      \
    }

// Starts the device, once; again does nothing. Returns as the driver's start() does. Contexts: tasklet, boot.
int block_start(struct block_device *d);

// What block_submit() would say of a request, without submitting it: 0; -ENODEV before block_start();
// -EINVAL for no sectors, some beyond the end, or no such op; -EROFS for a write to what can only be read. Any context.
int block_check(const struct block_device *d, enum block_op op, uint64_t sector, size_t count);

// Hands a request to the device. A flush is done when all that was written before is safe on the medium:
// that is, by requests that were done before the flush was submitted. The order in which the device works
// is its own otherwise, also where requests overlap. Returns 0: done() will be called; or what
// block_check() says; or -EAGAIN if `depth` requests are with the device: wait in d->room. Then done() is
// not called. Contexts: tasklet, poll.
int block_submit(struct block_device *d, struct block_request *r);

// For drivers: r has ended. Counts, wakes one in d->room, and calls r->done(). Context: poll.
void block_done(struct block_device *d, struct block_request *r, int result);

// The board's disk. A board with one defines it in its block.c, which is linked into programs that use
// block devices, and the handler of its interrupt.
extern struct block_device board_block;
void board_block_interrupt(void);

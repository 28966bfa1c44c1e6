// SPDX-License-Identifier: MIT
//
// Block devices for tasklets: calls that look synchronous, over the requests of drivers/block/block.h.
// docs/oneshot.md shows how this is done; any interface with callbacks can be made into such calls.
//
// The device works on a copy. A call that gives up (its deadline, a cancellation) returns at once, and its
// buffer is the caller's, but the device cannot be called back: the request keeps its copy until it is done.
// What that means:
//
//   - a read that was given up leaves the caller's buffer as it was;
//   - a write that was given up happens entirely or not at all, each piece of it (BLOCK_PIECE bytes), and
//     soon; its bytes are those of the time of the call. Until it is over, later calls here on its sectors,
//     and flushes, wait for it: nobody can read what an overtaken write then replaces, and a newer write is
//     not undone by an older one;
//   - BLOCK_CALLS copies are all there are: if the device swallows requests, later calls time out.
#pragma once

#include "drivers/block/block.h"
#include "kernel/time.h"

enum {
    BLOCK_CALLS = 4,    // requests at the same time; more tasklets wait for each other
    BLOCK_PIECE = 1024, // bytes that one request moves; sectors are not larger
};

// Read or write `count` sectors from `sector` on. Return `count`; fewer, if the deadline, a cancellation or
// an error came after the first pieces: then the next call says which; or, if not one sector was moved:
// -ENODEV (not started), -EINVAL (no sectors, beyond the end, or sectors that are too large), -EROFS, -EIO;
// -ETIMEDOUT, -ECANCELED: see above; -EAGAIN for NOWAIT, always: nothing was begun. Context: tasklet.
int block_read(struct block_device *d, uint64_t sector, void *buffer, size_t count,
               deadline_t deadline);
int block_write(struct block_device *d, uint64_t sector, const void *buffer, size_t count,
                deadline_t deadline);

// Waits until all that was written, also by calls that gave up, is safe on the medium. Returns 0 or an error
// as above. Context: tasklet.
int block_flush(struct block_device *d, deadline_t deadline);

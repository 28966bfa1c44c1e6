// SPDX-License-Identifier: MIT
//
// Streams: bytes in, bytes out, whatever stands behind. This is the layer that blocks, and the only
// loop that does so is in stream.c: try; if it would block, wait until it is worth trying again;
// try. A kind of stream gives the `try` functions and says where to wait; everything else is here.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kernel/select.h"
#include "kernel/time.h"
#include "kernel/wait.h"

// A kind of stream. The functions never wait. Context: tasklet.
struct stream_ops {
    // Moves 1..n bytes. Returns how many, 0 at the end of the stream, -EAGAIN if there are none
    // now, or another negative errno.
    int (*try_read)(void *device, void *buf, size_t n);
    // Looks at the next byte without taking it: 1, or 0 if there is none. May be NULL.
    int (*peek)(void *device, char *byte);
    // Moves 1..n bytes. Returns how many, -EAGAIN if there is no room now, -EPIPE and the like.
    int (*try_write)(void *device, const void *buf, size_t n);
    // Where to wait after -EAGAIN. The queue is woken when another try may succeed.
    struct waitq *(*readable)(void *device);
    struct waitq *(*writable)(void *device);
    // While fn is not NULL, the byte `key` is not read but reported: fn(arg) in poll context, even
    // if nobody reads. NULL ends that. May be NULL itself: this kind cannot.
    void (*on_key)(void *device, int key, void (*fn)(void *), void *arg);
    // Makes room for another try_write() without waiting, by feeding the device from here. NULL:
    // cannot.
    void (*push)(void *device);
    // True if try_read(), try_write() would not return -EAGAIN now. NULL: always true.
    bool (*can_read)(void *device);
    bool (*can_write)(void *device);
    // The names that ps shows for a tasklet that waits here.
    const char *in_read, *in_write;
};

struct stream {
    const struct stream_ops *ops;
    void *device;
};

// Reads what there is, at least one byte: 1..n, 0 at the end of the stream, or -ETIMEDOUT,
// -ECANCELED, -EAGAIN (NOWAIT), or the device's error. n > 0. Context: tasklet.
int io_read(const struct stream *s, void *buf, size_t n, deadline_t d);

// Reads until n bytes are there. Fewer only at the end of the stream or if an error comes after
// some bytes; the error returns at the next call.
int io_read_full(const struct stream *s, void *buf, size_t n, deadline_t d);

// Writes all n bytes. Fewer only if an error comes after some were written, as above.
int io_write(const struct stream *s, const void *buf, size_t n, deadline_t d);

// Reads one line of at most size - 1 bytes and ends it with a NUL. A line ends with LF, CR or CR
// LF, which is not stored. Returns its length; -EMSGSIZE if it was longer: the first size - 1 bytes
// are in buf, the rest of it was skipped; -EPIPE at the end of the stream with no line begun; or an
// error of io_read(), after which the bytes that came before it are lost. A NUL byte is an ordinary
// byte.
int io_read_line(const struct stream *s, char *buf, size_t size, deadline_t d);

// A case of chan_select() that is chosen when there is something to read, or room to write; then read or
// write with NOWAIT. Context: tasklet.
struct select_case io_select_read(const struct stream *s);
struct select_case io_select_write(const struct stream *s);

// Writes a NUL-terminated text.
int io_puts(const struct stream *s, const char *text, deadline_t d);

// SPDX-License-Identifier: MIT
//
// The part of stdio that does not depend on the C library: end of lines, and the two ways to write.
#include "posix/stdio.h"

#include <errno.h>
#include <string.h>

#include "boards/board.h"
#include "io/uart.h"
#include "kernel/panic.h"
#include "kernel/tasklet.h"

// CR ends a line at once, so an LF behind it is the rest of the same end.
int stdio_read(struct stdio *s, char *buf, size_t n)
{
    for (;;) {
        int got = io_read(&s->stream, buf, n, FOREVER);

        if (got <= 0) {
            return got;
        }
        size_t kept = 0;

        for (int i = 0; i < got; i++) {
            char c = buf[i];

            if (c != '\n' || s->last != '\r') {
                buf[kept++] = c == '\r' ? '\n' : c;
            }
            s->last = (uint8_t)c;
        }
        if (kept > 0) {
            return (int)kept;
        }
    }
}

// Without a switch: what the stream does not take at once, the device is made to take.
static int write_polled(const struct stream *s, const char *buf, size_t n)
{
    while (n > 0) {
        int put = s->ops->try_write(s->device, buf, n);

        if (put == -EAGAIN && s->ops->push != NULL) {
            s->ops->push(s->device);
            continue;
        }
        if (put < 0) {
            return put;
        }
        buf += put;
        n -= (size_t)put;
    }
    return 0;
}

static int write_piece(struct stdio *s, const char *buf, size_t n)
{
    if (s->shared || sched_current() == NULL) {
        return write_polled(&s->stream, buf, n);
    }
    int put = io_write(&s->stream, buf, n, FOREVER);

    return put < 0 ? put : 0;
}

int stdio_write(struct stdio *s, const char *buf, size_t n)
{
    const char *end = buf + n;

    while (buf < end) {
        const char *line = memchr(buf, '\n', (size_t)(end - buf));
        size_t plain = (size_t)((line != NULL ? line : end) - buf);
        int error = plain > 0 ? write_piece(s, buf, plain) : 0;

        if (error == 0 && line != NULL) {
            error = write_piece(s, "\r\n", 2);
        }
        if (error < 0) {
            return error;
        }
        buf += plain + (line != NULL);
    }
    return (int)n;
}

// SPDX-License-Identifier: MIT
//
// The one loop that does I/O.
#include "io/stream.h"

#include <errno.h>
#include <string.h>

#include "kernel/panic.h"

int io_read(const struct stream *s, void *buf, size_t n, deadline_t d)
{
    ASSERT(s != NULL && buf != NULL && n > 0, "io_read: no stream, or no buffer");
    sched_spend();
    for (;;) {
        int got = s->ops->try_read(s->device, buf, n);

        if (got != -EAGAIN) {
            return got;
        }
        int waited = wait_on(s->ops->readable(s->device), s->ops->in_read, d);

        if (waited < 0) {
            return waited;
        }
    }
}

static int write_some(const struct stream *s, const void *buf, size_t n, deadline_t d)
{
    sched_spend();
    for (;;) {
        int put = s->ops->try_write(s->device, buf, n);

        if (put != -EAGAIN) {
            return put;
        }
        int waited = wait_on(s->ops->writable(s->device), s->ops->in_write, d);

        if (waited < 0) {
            return waited;
        }
    }
}

int io_write(const struct stream *s, const void *buf, size_t n, deadline_t d)
{
    ASSERT(s != NULL && (buf != NULL || n == 0), "io_write: no stream, or no buffer");
    size_t done = 0;

    while (done < n) {
        int put = write_some(s, (const char *)buf + done, n - done, d);

        if (put < 0) {
            return done > 0 ? (int)done : put;
        }
        done += (size_t)put;
    }
    return (int)done;
}

int io_read_full(const struct stream *s, void *buf, size_t n, deadline_t d)
{
    size_t done = 0;

    while (done < n) {
        int got = io_read(s, (char *)buf + done, n - done, d);

        if (got <= 0) {
            return done > 0 ? (int)done : got;
        }
        done += (size_t)got;
    }
    return (int)done;
}

// CR LF is one end of line. Nothing is kept between calls, so an LF is taken only if it is there
// already; one that comes later is an empty line, as it would be from a terminal that sends LF
// alone.
static void skip_line_feed(const struct stream *s)
{
    char next;

    if (s->ops->peek != NULL && s->ops->peek(s->device, &next) == 1 && next == '\n') {
        s->ops->try_read(s->device, &next, 1);
    }
}

int io_read_line(const struct stream *s, char *buf, size_t size, deadline_t d)
{
    ASSERT(size > 0, "io_read_line: no room for the NUL");
    size_t length = 0;

    for (;;) {
        char c;
        int got = io_read(s, &c, 1, d);

        if (got < 0 || (got == 0 && length == 0)) {
            return got < 0 ? got : -EPIPE;
        }
        if (got == 0 || c == '\n' || c == '\r') {
            if (got > 0 && c == '\r') {
                skip_line_feed(s);
            }
            break;
        }
        if (length < size - 1) {
            buf[length] = c;
        }
        length++;
    }
    buf[length < size ? length : size - 1] = '\0';
    return length < size ? (int)length : -EMSGSIZE;
}

struct select_case io_select_read(const struct stream *s)
{
    return (struct select_case){ .op = SELECT_OP_WAIT,
                                 .queue = s->ops->readable(s->device),
                                 .ready = s->ops->can_read,
                                 .elem = s->device };
}

struct select_case io_select_write(const struct stream *s)
{
    return (struct select_case){ .op = SELECT_OP_WAIT,
                                 .queue = s->ops->writable(s->device),
                                 .ready = s->ops->can_write,
                                 .elem = s->device };
}

int io_puts(const struct stream *s, const char *text, deadline_t d)
{
    return io_write(s, text, strlen(text), d);
}

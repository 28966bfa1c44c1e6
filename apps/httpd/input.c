// SPDX-License-Identifier: MIT
//
// What the client sends: heads and contents, through one buffer.
#include <errno.h>
#include <string.h>

#include "apps/httpd/internal.h"

enum {
    REQUEST_LINE = HTTPD_IN / 2, // so that there is room for the fields behind it
    CHUNK_LINE = 128,            // bytes in the line before a chunk
    EMPTY_LINES = 4,             // before a request line (RFC 9112, 2.2)
};

// ---- The buffer ----

// Receives more bytes behind those that are there. Returns how many, 0 at the end of the stream,
// -EMSGSIZE if there is no room, or the socket's error.
static int fill(struct http *h, deadline_t d)
{
    if (h->at == h->used) {
        h->at = h->used = h->floor;
    } else if (h->used == sizeof h->in && h->at > h->floor) {
        memmove(h->in + h->floor, h->in + h->at, (size_t)(h->used - h->at));
        h->used = (uint16_t)(h->used - (h->at - h->floor));
        h->at = h->floor;
    }
    if (h->used == sizeof h->in) {
        return -EMSGSIZE;
    }
    int got = sock_recv(h->sock, h->in + h->used, sizeof h->in - h->used, d);

    if (got > 0) {
        h->used = (uint16_t)(h->used + got);
    }
    return got;
}

// The next line, which ends with LF or CR LF, neither of them counted. Its length; -EMSGSIZE if it is
// longer than the buffer, which then holds its beginning; -EPIPE if the stream ends before it does.
static int read_line(struct http *h, char **line, deadline_t d)
{
    size_t seen = 0;

    for (;;) {
        char *start = h->in + h->at;
        size_t there = (size_t)(h->used - h->at);
        const char *end = memchr(start + seen, '\n', there - seen);

        if (end != NULL) {
            h->at = (uint16_t)(end + 1 - h->in);
            *line = start;
            return (int)(end > start && end[-1] == '\r' ? end - 1 - start : end - start);
        }
        seen = there;
        int got = fill(h, d);

        if (got <= 0) {
            return got == 0 ? -EPIPE : got;
        }
    }
}

// ---- Heads ----

// What a line that could not be read is answered with: `too_long`, 408, or nothing.
static int status_of_line(int error, int too_long)
{
    return error == -EMSGSIZE ? too_long : error == -ETIMEDOUT ? 408 : error;
}

// Waits for the first byte. Here, and nowhere else, the server may end the connection to make room.
static int wait_for_request(struct http *h)
{
    if (h->at < h->used) {
        return 1;
    }
    list_insert_before(&h->server->idle, &h->idle);
    int got = fill(h, after_ms(HTTPD_IDLE_MS));

    list_remove(&h->idle);
    return tasklet_cancelled() ? -ECANCELED : got;
}

// A field line longer than the buffer, of which there is the beginning. Nobody asks for it if it is a
// cookie; the rest is read past.
static int skip_field(struct http *h, size_t *total, deadline_t d)
{
    bool after_cr = false;

    if (!http_field_ignored(h->in + h->at, (size_t)(h->used - h->at))) {
        return 431;
    }
    for (size_t n = 0;;) {
        while (h->at < h->used) {
            char c = h->in[h->at++];

            if (c == '\n') {
                return 0;
            }
            if (after_cr || (c != '\r' && !http_field_char(c))) {
                return 400;
            }
            after_cr = c == '\r';
            ++*total;
            if (++n > HTTPD_LINE || *total > HTTPD_HEAD) {
                return 431;
            }
        }
        int got = fill(h, d);

        if (got <= 0) {
            return got == 0 ? -EPIPE : status_of_line(got, 431);
        }
    }
}

static int read_request_line(struct http *h, size_t *total, deadline_t d)
{
    char *line;

    for (unsigned empty = 0; empty <= EMPTY_LINES; empty++) {
        int n = read_line(h, &line, d);

        if (n < 0) {
            return status_of_line(n, 414);
        }
        if (n > REQUEST_LINE) {
            return 414;
        }
        if (n > 0) {
            *total = (size_t)n;
            h->floor = h->at;
            return http_parse_start(&h->request, line, (size_t)n);
        }
    }
    return 400;
}

// One field line. -ENOENT for the empty line that ends them.
static int read_field(struct http *h, size_t *total, deadline_t d)
{
    char *line;
    int n = read_line(h, &line, d);

    if (n == 0) {
        return -ENOENT;
    }
    if (n == -EMSGSIZE) {
        return skip_field(h, total, d);
    }
    if (n < 0) {
        return status_of_line(n, 431);
    }
    *total += (size_t)n;
    if (n > HTTPD_LINE || *total > HTTPD_HEAD) {
        return 431;
    }
    return http_parse_field(&h->request, line, (size_t)n);
}

static void find_content(struct http *h)
{
    const struct http_request *r = &h->request;

    h->content_left = r->flags & HTTP_HAS_LENGTH ? r->length : 0;
    h->content = r->flags & HTTP_CHUNKED ? HTTP_IN_CHUNKS
                 : h->content_left > 0   ? HTTP_COUNTED
                                         : HTTP_NO_CONTENT;
    h->content_read = 0;
    h->content_by = after_ms(HTTPD_BODY_MS);
    h->must_continue = h->content != HTTP_NO_CONTENT && (r->flags & HTTP_EXPECTS);
    h->keep = r->minor > 0 ? !(r->flags & HTTP_CLOSE)
                           : (r->flags & (HTTP_CLOSE | HTTP_KEEP_ALIVE)) == HTTP_KEEP_ALIVE;
}

int http_read_head(struct http *h)
{
    size_t total = 0;
    int status;

    memmove(h->in, h->in + h->at, (size_t)(h->used - h->at));
    h->used = (uint16_t)(h->used - h->at);
    h->at = h->floor = 0;
    h->request = (struct http_request){ .minor = 1 };
    h->content = HTTP_NO_CONTENT;
    h->must_continue = false;
    int got = wait_for_request(h);

    if (got <= 0) {
        return got == 0 ? -EPIPE : got;
    }
    deadline_t d = after_ms(HTTPD_HEAD_MS);

    status = read_request_line(h, &total, d);
    while (status == 0) {
        status = read_field(h, &total, d);
    }
    if (status != -ENOENT) {
        return status;
    }
    status = http_parse_end(&h->request);
    if (status == 0) {
        find_content(h);
    }
    return status;
}

// ---- Contents ----

// Lines of a chunked content end with CR LF and nothing else: two readings of where a chunk begins are
// two readings of where the next request does.
static int read_strict_line(struct http *h, char **line)
{
    int n = read_line(h, line, h->content_by);

    return n == -EMSGSIZE || (n >= 0 && (*line)[n] != '\r') ? -EBADMSG : n;
}

// Behind the last chunk: fields that nobody asked for, and an empty line.
static int read_trailer(struct http *h)
{
    struct http_request unused = { 0 };
    size_t total = 0;
    char *line;
    int n;

    while ((n = read_strict_line(h, &line)) > 0) {
        total += (size_t)n;
        if (total > HTTPD_HEAD) {
            return -EMSGSIZE;
        }
        if (http_parse_field(&unused, line, (size_t)n) != 0) {
            return -EBADMSG;
        }
    }
    h->content = HTTP_CONTENT_READ;
    return n;
}

// The line before a chunk, and the end of the chunk before that. 0; content_left is its size.
static int next_chunk(struct http *h)
{
    char *line;
    int n = h->content_read > 0 ? read_strict_line(h, &line) : 0;

    if (n != 0) {
        return n > 0 ? -EBADMSG : n;
    }
    n = read_strict_line(h, &line);
    if (n < 0) {
        return n;
    }
    if (n > CHUNK_LINE || http_parse_chunk(&h->content_left, line, (size_t)n) != 0) {
        return -EBADMSG;
    }
    if (h->content_left > HTTPD_BODY - h->content_read) {
        return -EMSGSIZE;
    }
    return h->content_left == 0 ? read_trailer(h) : 0;
}

// Some of what is left of the content, or of the chunk.
static int read_piece(struct http *h, const char **data)
{
    if (h->at == h->used) {
        int got = fill(h, h->content_by);

        if (got <= 0) {
            return got == 0 ? -EPIPE : got;
        }
    }
    uint32_t there = (uint32_t)(h->used - h->at);
    uint32_t n = there < h->content_left ? there : h->content_left;

    *data = h->in + h->at;
    h->at = (uint16_t)(h->at + n);
    h->content_left -= n;
    h->content_read += n;
    if (h->content == HTTP_COUNTED && h->content_left == 0) {
        h->content = HTTP_CONTENT_READ;
    }
    return (int)n;
}

static int read_content(struct http *h, const char **data)
{
    static const char go_on[] = "HTTP/1.1 100 Continue\r\n\r\n";

    if (h->must_continue) {
        h->must_continue = false;
        http_send(h, go_on, sizeof go_on - 1);
    }
    if (h->content == HTTP_IN_CHUNKS && h->content_left == 0) {
        int error = next_chunk(h);

        if (error < 0) {
            return error;
        }
    }
    return h->content == HTTP_CONTENT_READ ? 0 : read_piece(h, data);
}

int http_read(struct http *h, const char **data)
{
    if (h->content == HTTP_NO_CONTENT || h->content == HTTP_CONTENT_READ) {
        return 0;
    }
    int n = h->content == HTTP_CONTENT_BAD ? -EBADMSG : read_content(h, data);

    if (n < 0) {
        h->content = HTTP_CONTENT_BAD;
        h->keep = false;
    }
    return n;
}

bool http_skip_content(struct http *h)
{
    const char *data;
    int n;

    if (h->must_continue) { // the client may send it or not
        return false;
    }
    while ((n = http_read(h, &data)) > 0) {
    }
    return n == 0;
}

bool http_gone(struct http *h, deadline_t d)
{
    const void *data;

    if (h->error != 0) {
        return true;
    }
    int got = sock_borrow(h->sock, &data, d);

    if (got > 0) { // the next request, which has to wait
        got = sleep_until(d) == 0 ? -ETIMEDOUT : -ECANCELED;
    }
    return got != -ETIMEDOUT;
}

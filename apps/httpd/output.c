// SPDX-License-Identifier: MIT
//
// What the server sends: status lines, fields and content, through a small buffer. An answer goes
//
//     HTTP_NOT_BEGUN --http_begin()--> HTTP_FIELDS --first content--> HTTP_CONTENT --> HTTP_DONE
//
// Content of unknown length is sent in chunks (RFC 9112, 7.1), which are framed in the buffer:
//
//     out: | 0fb CR LF | 251 bytes of content | CR LF | 0 CR LF CR LF |
//            CHUNK_HEAD                         CHUNK_TAIL, the second part with the last one
//
// or, to a client of HTTP/1.0, until the end of the connection.
#include <errno.h>
#include <string.h>

#include "apps/httpd/internal.h"
#include "kernel/panic.h"

enum { CHUNK_HEAD = 5, CHUNK_TAIL = 7 };
_Static_assert(HTTPD_OUT <= 0xFFF, "a chunk's size has three digits");

static const char *reason(int status)
{
    static const struct {
        uint16_t status;
        const char *text;
    } reasons[] = {
        { 200, "OK" },
        { 204, "No Content" },
        { 206, "Partial Content" },
        { 304, "Not Modified" },
        { 400, "Bad Request" },
        { 404, "Not Found" },
        { 405, "Method Not Allowed" },
        { 408, "Request Timeout" },
        { 413, "Content Too Large" },
        { 414, "URI Too Long" },
        { 416, "Range Not Satisfiable" },
        { 417, "Expectation Failed" },
        { 431, "Request Header Fields Too Large" },
        { 500, "Internal Server Error" },
        { 501, "Not Implemented" },
        { 503, "Service Unavailable" },
        { 505, "HTTP Version Not Supported" },
    };

    for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++) {
        if (reasons[i].status == status) {
            return reasons[i].text;
        }
    }
    return "";
}

int http_status_of(int error)
{
    switch (error) {
    case -EBADMSG:
    case -EINVAL:
        return 400;
    case -ENOENT:
        return 404;
    case -ETIMEDOUT:
        return 408;
    case -EMSGSIZE:
        return 413;
    case -ENOBUFS:
    case -ENOMEM:
        return 503;
    default:
        return 500;
    }
}

// ---- Bytes ----

static int check_sent(struct http *h, int sent, size_t n)
{
    if (sent != (int)n) {
        h->error = (int16_t)(sent < 0 ? sent : -EPIPE);
    }
    return h->error;
}

int http_send(struct http *h, const void *data, size_t n)
{
    if (h->error != 0 || n == 0) {
        return h->error;
    }
    return check_sent(h, sock_send(h->sock, data, n, after_ms(HTTPD_SEND_MS)), n);
}

// Sends the buffer; as a chunk, with or without the one of size 0 that comes last.
static int flush(struct http *h, bool last)
{
    char *out = h->out;
    size_t start = 0, end = h->out_used;

    if (h->chunked) {
        size_t n = end - CHUNK_HEAD;

        start = CHUNK_HEAD;
        if (n > 0) {
            io_snprintf(out, CHUNK_HEAD, "%03x\r", (unsigned)n); // its NUL is where the LF goes
            out[CHUNK_HEAD - 1] = '\n';
            memcpy(out + end, "\r\n", 2);
            start = 0;
            end += 2;
        }
        if (last) {
            memcpy(out + end, "0\r\n\r\n", 5);
            end += 5;
        }
    }
    h->out_used = h->chunked ? CHUNK_HEAD : 0;
    return http_send(h, out + start, end - start);
}

// Through the buffer.
static int put(struct http *h, const char *data, size_t n)
{
    const size_t room = sizeof h->out - (h->chunked ? CHUNK_TAIL : 0);

    while (n > 0 && h->error == 0) {
        size_t part = room - h->out_used < n ? room - h->out_used : n;

        memcpy(h->out + h->out_used, data, part);
        h->out_used = (uint16_t)(h->out_used + part);
        data += part;
        n -= part;
        if (h->out_used == room) {
            flush(h, false);
        }
    }
    return h->error;
}

static int put_text(void *http, const char *text, size_t n)
{
    return put(http, text, n);
}

// ---- The head of an answer ----

int http_fields(struct http *h, const char *lines)
{
    ASSERT(h->answer == HTTP_FIELDS, "http_field: not between http_begin() and content");
    return put(h, lines, strlen(lines));
}

int http_field(struct http *h, const char *format, ...)
{
    va_list args;

    ASSERT(h->answer == HTTP_FIELDS, "http_field: not between http_begin() and content");
    va_start(args, format);
    io_format(put_text, h, format, args);
    va_end(args);
    return put(h, "\r\n", 2);
}

int http_begin(struct http *h, int status, uint32_t length)
{
    ASSERT(h->answer == HTTP_NOT_BEGUN, "http_begin: a second answer");
    const bool modern = h->request.minor > 0, until_end = length == HTTP_UNTIL_END;
    const bool none = status == 204 || status == 304;

    h->answer = HTTP_FIELDS;
    h->no_content = h->request.method == HTTP_HEAD || none;
    h->answer_left = none ? 0 : length;
    h->server->refused += status >= 400;
    if (until_end && !modern) {
        h->keep = false;
    }
    http_field(h, "HTTP/1.1 %d %s", status, reason(status));
    if (until_end && modern) {
        http_fields(h, "Transfer-Encoding: chunked\r\n");
    } else if (!until_end && !none) {
        http_field(h, "Content-Length: %u", (unsigned)length);
    }
    if (!h->keep) {
        http_fields(h, "Connection: close\r\n");
    } else if (!modern) {
        http_fields(h, "Connection: keep-alive\r\n");
    }
    return h->error;
}

// The empty line, and what the content needs.
static void end_fields(struct http *h)
{
    if (h->answer == HTTP_FIELDS) {
        put(h, "\r\n", 2);
        h->answer = HTTP_CONTENT;
        if (h->answer_left == HTTP_UNTIL_END && !h->no_content && h->request.minor > 0) {
            flush(h, false);
            h->chunked = true;
            h->out_used = CHUNK_HEAD;
        }
    }
}

// ---- Content ----

// True if n bytes more are to be sent.
static bool begin_content(struct http *h, size_t n)
{
    ASSERT(h->answer == HTTP_FIELDS || h->answer == HTTP_CONTENT, "http_write: no http_begin()");
    end_fields(h);
    if (h->answer_left != HTTP_UNTIL_END) {
        ASSERT(n <= h->answer_left, "http_write: more than http_begin() said");
        h->answer_left -= (uint32_t)n;
    }
    return !h->no_content && h->error == 0;
}

int http_write(struct http *h, const void *data, size_t n)
{
    if (!begin_content(h, n)) {
        return h->error;
    }
    if (h->chunked || n <= sizeof h->out - h->out_used) {
        return put(h, data, n);
    }
    flush(h, false);
    return http_send(h, data, n);
}

int http_write_const(struct http *h, const void *data, size_t n)
{
    if (h->chunked || n <= sizeof h->out / 2) { // so small that a copy costs less than a packet
        return http_write(h, data, n);
    }
    if (!begin_content(h, n) || flush(h, false) != 0) {
        return h->error;
    }
    return check_sent(h, sock_send_const(h->sock, data, n, after_ms(HTTPD_SEND_MS)), n);
}

static int put_content(void *http, const char *text, size_t n)
{
    return http_write(http, text, n);
}

int http_printf(struct http *h, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    io_format(put_content, h, format, args);
    va_end(args);
    return h->error;
}

int http_flush(struct http *h)
{
    end_fields(h);
    return flush(h, false);
}

int http_finish(struct http *h)
{
    end_fields(h);
    flush(h, true);
    ASSERT(h->error != 0 || h->no_content || h->answer_left == 0 ||
               h->answer_left == HTTP_UNTIL_END,
           "http_write: less than http_begin() said");
    h->answer = HTTP_DONE;
    h->chunked = false;
    h->out_used = 0;
    return h->error;
}

// ---- Whole answers ----

int http_reply(struct http *h, int status, const char *type, const char *text)
{
    size_t n = strlen(text);

    http_begin(h, status, (uint32_t)n);
    http_field(h, "Content-Type: %s", type);
    return http_write(h, text, n);
}

int http_status(struct http *h, int status)
{
    const char *text = reason(status);

    http_begin(h, status, (uint32_t)strlen(text) + 5);
    http_fields(h, "Content-Type: text/plain\r\n");
    return http_printf(h, "%03d %s\n", status, text);
}

int http_send_file(struct http *h, const struct http_file *f)
{
    const struct http_request *r = &h->request;
    const struct http_form *form =
        f->gzip.data != NULL && http_accepts_gzip(r) ? &f->gzip : &f->plain;
    uint32_t first, count;
    int status =
        http_has_tag(r, form->tag) ? 304 : http_range(r, form->tag, form->size, &first, &count);

    if (status == 304 || status == 416) {
        http_begin(h, status, 0);
    } else {
        http_begin(h, status, count);
        http_fields(h, form->type);
    }
    http_fields(h, form->cache);
    if (status == 416) {
        return http_field(h, "Content-Range: bytes */%u", (unsigned)form->size);
    }
    if (status == 304) {
        return h->error;
    }
    if (status == 206) {
        http_field(h, "Content-Range: bytes %u-%u/%u", (unsigned)first,
                   (unsigned)(first + count - 1), (unsigned)form->size);
    }
    return http_write_const(h, (const char *)form->data + first, count);
}

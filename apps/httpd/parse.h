// SPDX-License-Identifier: MIT
//
// The head of an HTTP request, line by line (RFC 9110, 9112). Nothing here waits or knows a socket:
//
//     http_parse_start(&r, line, n)       GET /a%20b?c HTTP/1.1
//     http_parse_field(&r, line, n)       Host: example.org
//     http_parse_end(&r)                  the empty line
//
// Each returns 0, or the status to answer with (400, 501, ...), after which the connection cannot be
// used for another request: its sender and we may disagree on where that begins. Lines come without
// their end. What the server does not understand it must not guess at: there is one reading of a
// request, and all others are refused. Any context.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum http_method {
    HTTP_NO_METHOD = 0, // one that we do not know
    HTTP_GET = 1,
    HTTP_HEAD = 2,
    HTTP_POST = 4,
    HTTP_PUT = 8,
    HTTP_DELETE = 16,
    HTTP_PATCH = 32,
    HTTP_OPTIONS = 64,
};

enum http_flag {
    HTTP_HAS_HOST = 1 << 0,
    HTTP_HAS_LENGTH = 1 << 1,    // Content-Length
    HTTP_HAS_CODING = 1 << 2,    // Transfer-Encoding
    HTTP_CHUNKED = 1 << 3,       // its last coding is chunked
    HTTP_OTHER_CODING = 1 << 4,  // it has one that we do not know
    HTTP_CLOSE = 1 << 5,         // Connection: close
    HTTP_KEEP_ALIVE = 1 << 6,    // Connection: keep-alive
    HTTP_EXPECTS = 1 << 7,       // Expect: 100-continue
    HTTP_EXPECTS_OTHER = 1 << 8, // something else
    HTTP_GZIP = 1 << 9,          // accepted by name
    HTTP_NO_GZIP = 1 << 10,      // refused by name
    HTTP_ANY_CODING = 1 << 11,   // Accept-Encoding: *
    HTTP_ANY_TAG = 1 << 12,      // If-None-Match: *
    HTTP_RANGE = 1 << 13,        // one range of bytes
    HTTP_RANGE_TAIL = 1 << 14,   // the last `first` bytes
    HTTP_IF_RANGE = 1 << 15,     // ...if the entity tag is still `range_tag`
    HTTP_NO_RANGE = 1 << 16,     // a range that we do not understand: as if there was none
};

enum { HTTP_TAGS = 4 }; // of If-None-Match that are remembered

struct http_request {
    uint8_t method;           // enum http_method
    uint8_t minor;            // 0: HTTP/1.0; else 1.1 or later
    uint8_t tag_count;        // in `tags`
    uint32_t flags;           // enum http_flag
    uint32_t length;          // Content-Length; UINT32_MAX: that much or more
    char *path;               // decoded, begins with '/' and ends with NUL; "*" of OPTIONS
    char *query;              // what stands behind the '?', not decoded; "" if nothing does
    uint32_t tags[HTTP_TAGS]; // If-None-Match, those that look like ours: 8 hexadecimal digits
    uint32_t range_tag;       // If-Range
    uint32_t first, last;     // Range, both inclusive; UINT32_MAX: to the end
};

// Reads the request line, and begins a new request with it. It is decoded in place, and `path` and
// `query` point into it.
int http_parse_start(struct http_request *r, char *line, size_t n);

// Reads one field line.
int http_parse_field(struct http_request *r, const char *line, size_t n);

// Looks at the head as a whole.
int http_parse_end(struct http_request *r);

// True if `line`, the beginning of a field line, has the whole name of a field that
// http_parse_field() ignores: such a line may be longer than our memory.
bool http_field_ignored(const char *line, size_t n);

// True if c may stand in a field's value (RFC 9110, 5.5).
static inline bool http_field_char(char c)
{
    return (unsigned char)c >= ' ' ? c != 0x7F : c == '\t';
}

// Reads the line before a chunk: its size, and extensions that are ignored. 0, or 400; *size is
// UINT32_MAX for one that is too big to say.
int http_parse_chunk(uint32_t *size, const char *line, size_t n);

// True if the client wants this representation gzipped, or has it already (If-None-Match).
bool http_accepts_gzip(const struct http_request *r);
bool http_has_tag(const struct http_request *r, uint32_t tag);

// The part of a representation of `size` bytes that the request asks for. 200: all of it; 206: *first
// and *count; 416: none of it lies there.
int http_range(const struct http_request *r, uint32_t tag, uint32_t size, uint32_t *first,
               uint32_t *count);

// SPDX-License-Identifier: MIT
//
// An HTTP/1.1 server (RFC 9110, 9112): one tasklet per connection, in straight lines.
//
//     static int hello(struct http *h)
//     {
//         return http_reply(h, 200, "text/plain", "Hello\n");
//     }
//     static const struct http_route routes[] = { { "/hello", HTTP_GET, hello }, { 0 } };
//     static TASKLET_POOL(workers, 16, HTTP_WORKER_STACK);
//     static void serve(void *sock);
//     static struct http_server server = HTTP_SERVER(server, routes, files, workers, serve);
//     static void serve(void *sock)
//     {
//         http_serve(sock, &server);
//     }
//     ...
//     http_run(&server, 80);
//
// A connection costs a tasklet and a struct http, which lies on its stack. Requests are read through
// one buffer of HTTPD_IN bytes, so those of a client that does not wait for answers (pipelining) are
// answered in order. The request line stays in it until the answer is complete; field lines are looked
// at one by one and forgotten.
//
// What a client does to us is bounded: lines, heads and contents in bytes (config.h), and each of them
// in time, as a whole and not per byte. Answers to those who break the rules (4xx) are followed by the
// end of the connection, but not by a reset, which could overtake the answer.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "apps/httpd/config.h"
#include "apps/httpd/parse.h"
#include "io/printf.h"
#include "kernel/list.h"
#include "kernel/tasklet_pool.h"
#include "net/sock.h"

struct http;

// A resource made by a function. HEAD comes with GET, and OPTIONS with everything.
struct http_route {
    const char *path; // NULL ends the table
    uint8_t methods;  // enum http_method, those that `serve` knows
    // Answers the request. Returns 0, or a negative errno: if it has not begun an answer, the client
    // gets a status that fits (http_status_of()); if it has, the connection ends there, so that the
    // client sees that something is missing.
    int (*serve)(struct http *h);
};

// One form of a file: plain, or gzipped.
struct http_form {
    const void *data;  // constant; NULL: there is no such form
    uint32_t size;     // in bytes
    uint32_t tag;      // its entity tag, in hexadecimal
    const char *cache; // field lines of every answer: ETag, Cache-Control, Vary
    const char *type;  // field lines of an answer with content: Content-Type, Content-Encoding
};

// A file as made by tools/pack.
struct http_file {
    const char *path; // NULL ends the table
    struct http_form plain, gzip;
};

struct http_server {
    const struct http_route *routes;
    const struct http_file *files;
    struct tasklet_pool *workers;
    void (*serve)(void *sock);      // in a worker: calls http_serve() with this server
    struct list idle;               // connections between two requests, the longest idle first
    uint32_t connections, requests; // so far
    uint32_t refused;               // requests answered by 400 and more
    uint32_t evicted;               // connections closed while idle, because others came
};

#define HTTP_SERVER(self, its_routes, its_files, its_workers, its_serve)                           \
    {                                                                                              \
        .routes = (its_routes), .files = (its_files), .workers = &(its_workers),                   \
        .serve = (its_serve), .idle = LIST_INIT((self).idle)                                       \
    }

// A connection. Handlers read `request`; the rest is the server's.
struct http {
    struct http_request request;
    struct http_server *server;
    struct sock *sock;
    struct list idle;        // in server->idle
    struct tasklet *tasklet; // that serves it

    // ---- What comes: in[0, floor) is the request line, in[at, used) not looked at yet ----
    uint16_t floor, at, used;
    uint8_t content;       // enum http_content
    bool keep;             // the connection is kept after this request
    bool must_continue;    // the client waits for 100 (Continue)
    uint32_t content_left; // of the content, or of the chunk
    uint32_t content_read; // so far
    deadline_t content_by; // when all of it must be here; set at its first byte

    // ---- What goes ----
    int16_t error;        // of the connection; what is written after it is dropped
    uint8_t answer;       // enum http_answer
    bool chunked;         // out[] has room for a chunk's size in front
    bool no_content;      // HEAD, 204, 304
    uint16_t out_used;    // bytes in `out`
    uint32_t answer_left; // bytes of content promised and not written yet

    char in[HTTPD_IN];
    char out[HTTPD_OUT];
};

enum http_content {
    HTTP_NO_CONTENT,
    HTTP_COUNTED,
    HTTP_IN_CHUNKS,
    HTTP_CONTENT_READ,
    HTTP_CONTENT_BAD
};
enum http_answer { HTTP_NOT_BEGUN, HTTP_FIELDS, HTTP_CONTENT, HTTP_DONE };
enum { HTTP_WORKER_STACK = HTTPD_STACK + sizeof(struct http) };

#define HTTP_UNTIL_END UINT32_MAX // as a length: what the handler will have written when it returns

// ---- To serve ----

// Listens on the port, and starts a worker for each connection. When all are busy, the connection that
// has been idle for longest makes room. Returns only with an error. Context: tasklet.
int http_run(struct http_server *server, uint16_t port);

// Serves one connection to its end, and gives the socket back. Context: tasklet.
void http_serve(struct sock *s, struct http_server *server);

// ---- For handlers ----

// Begins the answer: the status line and what frames the content, `length` bytes. Fields may follow,
// then the content. Any error is remembered by h: it is enough to look at the last call's.
int http_begin(struct http *h, int status, uint32_t length);

// Adds field lines: `http_field(h, "Retry-After: %u", 5)` makes one. http_fields() takes whole lines,
// each with its CR LF.
int http_field(struct http *h, const char *format, ...) PRINTF_LIKE(2, 3);
int http_fields(struct http *h, const char *lines);

// Writes content. The first form copies, the second is for what stays as it is: constants in flash.
int http_write(struct http *h, const void *data, size_t n);
int http_write_const(struct http *h, const void *data, size_t n);
int http_printf(struct http *h, const char *format, ...) PRINTF_LIKE(2, 3);

// Sends what was written so far. At the end of a handler that happens by itself.
int http_flush(struct http *h);

// A whole answer: a short text of a type; a status and its name; a file, or that the client has it.
int http_reply(struct http *h, int status, const char *type, const char *text);
int http_status(struct http *h, int status);
int http_send_file(struct http *h, const struct http_file *f);

// Reads a piece of the request's content: 1..n bytes at *data, valid until the next call; 0 at its end;
// -ETIMEDOUT, -EMSGSIZE (more than HTTPD_BODY), -EBADMSG (not as HTTP has it), or the socket's error.
int http_read(struct http *h, const char **data);

// Waits until the client closes its side, or until d: true if it has gone. For answers without end.
bool http_gone(struct http *h, deadline_t d);

// The status that says a negative errno best.
int http_status_of(int error);

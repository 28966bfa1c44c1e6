// SPDX-License-Identifier: MIT
//
// libFuzzer's entry to the HTTP server: one input is all that a client sends on a connection. The server
// runs over a false socket, three times: the input in one piece, byte by byte, and in pieces of changing
// size. What it answers must not depend on that: where requests begin and end is for the bytes to say.
// tests/test_fuzz.py builds and runs this for a moment; for longer, see there.
#include <stdlib.h>
#include <string.h>

#include "apps/httpd/http.h"
#include "kernel/panic.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

// ---- The false socket ----

struct sock {
    const uint8_t *data;
    size_t size, at, step, piece;
    uint32_t hash, sent;
    bool shut, closed;
};

static struct sock wire;

static int sent(struct sock *s, const void *data, size_t n)
{
    const uint8_t *p = data;

    if (s->shut || s->closed) {
        abort();
    }
    for (size_t i = 0; i < n; i++) {
        s->hash = (s->hash ^ p[i]) * 16777619u;
    }
    s->sent += (uint32_t)n;
    return (int)n;
}

int sock_send(struct sock *s, const void *data, size_t n, deadline_t d)
{
    (void)d;
    return sent(s, data, n);
}

int sock_send_const(struct sock *s, const void *data, size_t n, deadline_t d)
{
    (void)d;
    return sent(s, data, n);
}

int sock_recv(struct sock *s, void *buf, size_t n, deadline_t d)
{
    size_t left = s->size - s->at, most = s->step != 0 ? s->step : 1 + s->piece++ * 7 % 61;

    (void)d;
    n = n < left ? n : left;
    n = n < most ? n : most;
    memcpy(buf, s->data + s->at, n);
    s->at += n;
    return (int)n;
}

int sock_borrow(struct sock *s, const void **data, deadline_t d)
{
    (void)d;
    *data = s->data + s->at;
    return (int)(s->size - s->at);
}

int sock_shutdown(struct sock *s, enum sock_direction how)
{
    (void)how;
    s->shut = true;
    return 0;
}

void sock_close(struct sock *s)
{
    s->closed = true;
}

void sock_close_at_end(struct sock *s)
{
    (void)s; // nobody fails here
}

void sock_abort(struct sock *s)
{
    s->closed = true;
}

int sock_set(struct sock *s, enum sock_option option, int value)
{
    (void)s;
    (void)option;
    (void)value;
    return 0;
}

int sock_listen_on(struct sock **listener, const struct net_addr *local, unsigned backlog)
{
    (void)listener;
    (void)local;
    (void)backlog;
    return -1;
}

int sock_accept(struct sock *listener, struct sock **s, deadline_t d)
{
    (void)listener;
    (void)s;
    (void)d;
    return -1;
}

// ---- The false kernel ----

struct tasklet *sched_ring[SCHED_LEVELS + 1];
struct sched sched = { .running = &sched_ring[SCHED_LEVELS] };
struct list tasklet_all = LIST_INIT(tasklet_all);
const struct stream_ops uart_output_ops;

uint64_t time_now(void)
{
    return 0;
}

int sleep_until(deadline_t d)
{
    (void)d;
    return 0;
}

bool tasklet_cancelled(void)
{
    return false;
}

int tasklet_cancel(struct tasklet *t)
{
    (void)t;
    return 0;
}

int tasklet_pool_spawn(struct tasklet_pool *p, const char *name, void (*fn)(void *), void *arg,
                       deadline_t d)
{
    (void)p;
    (void)name;
    (void)fn;
    (void)arg;
    (void)d;
    return 0;
}

int io_write(const struct stream *s, const void *buf, size_t n, deadline_t d)
{
    (void)s;
    (void)buf;
    (void)d;
    return (int)n;
}

void panic(const char *why)
{
    (void)why;
    abort();
}

// ---- The server ----

static int echo(struct http *h)
{
    const char *data;
    uint32_t length = h->request.flags & HTTP_HAS_LENGTH ? h->request.length : HTTP_UNTIL_END;
    int n = http_read(h, &data);

    if (n < 0) {
        return n;
    }
    http_begin(h, 200, n == 0 ? 0 : length);
    while (n > 0 && http_write(h, data, (size_t)n) == 0) {
        n = http_read(h, &data);
    }
    return n < 0 ? n : h->error;
}

static int say(struct http *h)
{
    return http_reply(h, 200, "text/plain", h->request.query);
}

static const struct http_route routes[] = {
    { "/echo", HTTP_POST, echo },
    { "/say", HTTP_GET, say },
    { 0 },
};

static const char text[] = "a file of some length, but not very much of it";
static const struct http_file files[] = {
    { "/", { text, 46, 0x1234abcd, "ETag: \"1234abcd\"\r\n", "" }, { text, 12, 7, "", "" } },
    { 0 },
};

static struct tasklet_pool workers;
static struct http_server server = HTTP_SERVER(server, routes, files, workers, NULL);

static uint32_t serve(const uint8_t *data, size_t size, size_t step)
{
    wire = (struct sock){ .data = data, .size = size, .step = step, .hash = 2166136261u };
    http_serve(&wire, &server);
    if (!wire.closed || !list_empty(&server.idle)) {
        abort();
    }
    return wire.hash;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint32_t whole = serve(data, size, SIZE_MAX);

    if (serve(data, size, 1) != whole || serve(data, size, 0) != whole) {
        abort();
    }
    return 0;
}

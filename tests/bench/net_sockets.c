// SPDX-License-Identifier: MIT
//
// The network benchmark's servers, as a user of Stint writes them.
#include <string.h>

#include "kernel/tasklet_pool.h"
#include "net/sock.h"
#include "tests/bench/net_bench.h"

enum { CONNECTIONS = 48 };

static TASKLET_POOL(workers, CONNECTIONS, 1024);
static TASKLET_POOL(doors, 8, 1024);
static const uint8_t constants[BLOCK];

static void echo(void *s)
{
    char buf[128];
    int n;

    while ((n = sock_recv(s, buf, sizeof buf, after_ms(60000))) > 0) {
        if (sock_send(s, buf, (size_t)n, after_ms(10000)) != n) {
            break;
        }
    }
    sock_close(s);
}

static void discard(void *s)
{
    const void *data;
    int n;

    while ((n = sock_borrow(s, &data, after_ms(60000))) > 0) {
        sock_release(s, (size_t)n);
    }
    sock_close(s);
}

static void discard_copy(void *s)
{
    static char buf[BLOCK];
    int n;

    while ((n = sock_recv(s, buf, sizeof buf, after_ms(60000))) > 0) {
    }
    sock_close(s);
}

static void source(void *s)
{
    while (sock_send_const(s, constants, sizeof constants, after_ms(10000)) == BLOCK) {
    }
    sock_close(s);
}

static void source_copy(void *s)
{
    static char buf[BLOCK];

    while (sock_send(s, buf, sizeof buf, after_ms(10000)) == BLOCK) {
    }
    sock_close(s);
}

static void close_at_once(void *s)
{
    sock_close(s);
}

// A request ends with an empty line.
static void http(void *s)
{
    char buf[256];
    size_t have = 0;
    int n;

    while ((n = sock_recv(s, buf + have, sizeof buf - have, after_ms(60000))) > 0) {
        have += (size_t)n;
        if (have >= 4 && memcmp(buf + have - 4, "\r\n\r\n", 4) == 0) {
            have = 0;
            if (sock_send_const(s, bench_page, sizeof bench_page - 1, after_ms(10000)) < 0) {
                break;
            }
        } else if (have == sizeof buf) {
            break;
        }
    }
    sock_close(s);
}

static const struct door {
    uint16_t port;
    void (*serve)(void *s);
} all_doors[] = {
    { PORT_ECHO, echo },     { PORT_DISCARD, discard },         { PORT_DISCARD_COPY, discard_copy },
    { PORT_SOURCE, source }, { PORT_SOURCE_COPY, source_copy }, { PORT_CLOSE, close_at_once },
    { PORT_HTTP, http },
};

static void open_door(void *arg)
{
    const struct door *door = arg;
    struct sock *listener, *s;

    if (sock_listen_on(&listener, &(struct net_addr){ .port = door->port }, CONNECTIONS) != 0) {
        return;
    }
    while (sock_accept(listener, &s, FOREVER) == 0) {
        sock_set(s, SOCK_NODELAY, 1);
        tasklet_pool_spawn(&workers, "worker", door->serve, s, FOREVER);
    }
}

int main(void)
{
    struct net_addr from;
    struct sock *s;
    char byte;

    net_start(&bench_config);
    for (size_t i = 0; i < sizeof all_doors / sizeof all_doors[0]; i++) {
        tasklet_pool_spawn(&doors, "door", open_door, (void *)(uintptr_t)&all_doors[i], NOWAIT);
    }
    sock_udp(&s, &(struct net_addr){ .port = PORT_MARK });
    while (sock_recv_from(s, &byte, 1, &from, FOREVER) >= 0) {
        mark();
        sock_send_to(s, &byte, 1, &from, FOREVER);
    }
    return 0;
}

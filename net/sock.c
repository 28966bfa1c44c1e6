// SPDX-License-Identifier: MIT
//
// What sockets of all kinds share: the pool, and the calls that look at the kind.
#include "net/sock.h"

#include <errno.h>

#include "kernel/panic.h"
#include "kernel/pool.h"
#include "lwip/memp.h"
#include "lwip/stats.h"
#include "net/net.h"
#include "net/socket.h"
#include "net/stack.h"

static POOL(socks, struct sock, NET_CONNECTIONS + NET_LISTENERS + NET_UDP);

uint32_t sock_refused;

struct sock *sock_new(enum sock_kind kind)
{
    static const char *const names[] = { "tcp", "listener", "udp" };
    struct sock *s = pool_alloc(&socks);

    if (s == NULL) {
        return NULL;
    }
    *s = (struct sock){ .kind = (uint8_t)kind, .space = TCP_SND_BUF };
    waitq_init(&s->readable, names[kind]);
    waitq_init(&s->writable, names[kind]);
    return s;
}

void sock_free(struct sock *s)
{
    ASSERT(waitq_empty(&s->readable) && waitq_empty(&s->writable),
           "sock_close: somebody waits in the socket");
    if (s->end.fn != NULL) {
        defer_forget(&s->end);
    }
    pool_free(&socks, s);
}

static intptr_t close_kind(void *sock)
{
    struct sock *s = sock;

    switch (s->kind) {
    case SOCK_TCP:
        sock_close_tcp(s);
        break;
    case SOCK_LISTENER:
        sock_close_listener(s);
        break;
    default:
        sock_close_udp(s);
        break;
    }
    return 0;
}

void sock_close(struct sock *s)
{
    if (s == NULL) {
        return;
    }
    net_call(close_kind, s);
    sock_free(s);
}

static void close_now(void *sock)
{
    struct sock *s = sock;

    s->end.fn = NULL; // the record was taken already
    sock_close(s);
}

void sock_close_at_end(struct sock *s)
{
    ASSERT(s != NULL && s->end.fn == NULL, "sock_close_at_end: NULL, or said before");
    defer(&s->end, close_now, s);
}

int sock_local(const struct sock *s, struct net_addr *a)
{
    ASSERT(s != NULL && a != NULL, "sock_local: NULL");
    if (s->kind == SOCK_UDP) {
        *a = net_from_lwip(&s->udp->local_ip, s->udp->local_port);
    } else if (s->tcp != NULL) {
        *a = net_from_lwip(&s->tcp->local_ip, s->tcp->local_port);
    } else {
        return -ENOTCONN;
    }
    return 0;
}

int sock_peer(const struct sock *s, struct net_addr *a)
{
    ASSERT(s != NULL && a != NULL, "sock_peer: NULL");
    if (s->kind != SOCK_TCP || s->tcp == NULL) {
        return -ENOTCONN;
    }
    *a = net_from_lwip(&s->tcp->remote_ip, s->tcp->remote_port);
    return 0;
}

int sock_set(struct sock *s, enum sock_option option, int value)
{
    ASSERT(s != NULL, "sock_set: NULL");
    net_enter();
    int result = s->kind == SOCK_UDP   ? sock_set_udp(s, option, value)
                 : s->tcp == NULL      ? -ENOTCONN
                 : s->kind == SOCK_TCP ? sock_set_tcp(s, option, value)
                                       : -EINVAL;

    net_leave();
    return result;
}

size_t sock_available(const struct sock *s)
{
    ASSERT(s != NULL, "sock_available: NULL");
    switch (s->kind) {
    case SOCK_TCP:
        return s->available;
    case SOCK_UDP:
        return s->datagrams != NULL ? s->datagrams->data->tot_len : 0;
    default:
        return 0;
    }
}

void sock_watch(struct sock *s, void (*fn)(void *arg), void *arg)
{
    ASSERT(s != NULL && s->kind == SOCK_TCP, "sock_watch: not a connection");
    s->watcher = fn;
    s->watcher_arg = arg;
}

struct select_case sock_select_recv(struct sock *s)
{
    return (struct select_case){
        .op = SELECT_OP_WAIT, .queue = &s->readable, .ready = sock_stream_ops.can_read, .elem = s
    };
}

struct select_case sock_select_send(struct sock *s)
{
    return (struct select_case){
        .op = SELECT_OP_WAIT, .queue = &s->writable, .ready = sock_stream_ops.can_write, .elem = s
    };
}

// ---- Counters ----

bool net_pool(unsigned index, struct net_pool *p)
{
    static const struct {
        const char *name;
        memp_t pool;
        uint16_t size;
    } pools[] = {
        { "tcp", MEMP_TCP_PCB, MEMP_NUM_TCP_PCB },
        { "listeners", MEMP_TCP_PCB_LISTEN, MEMP_NUM_TCP_PCB_LISTEN },
        { "udp", MEMP_UDP_PCB, MEMP_NUM_UDP_PCB },
        { "segments", MEMP_TCP_SEG, MEMP_NUM_TCP_SEG },
        { "buffers", MEMP_PBUF_POOL, PBUF_POOL_SIZE },
        { "refs", MEMP_PBUF, MEMP_NUM_PBUF },
    };
    const size_t known = sizeof pools / sizeof pools[0];

    if (index < known) {
        const struct stats_mem *m = lwip_stats.memp[pools[index].pool];

        *p = (struct net_pool){ .name = pools[index].name,
                                .used = (uint16_t)m->used,
                                .most = (uint16_t)m->max,
                                .size = pools[index].size,
                                .refused = m->err };
    } else if (index == known) {
        *p = (struct net_pool){
            .name = "sockets", .used = socks.used, .most = socks.most, .size = socks.count
        };
    } else if (index == known + 1) {
        *p = (struct net_pool){ .name = "heap/64",
                                .used = (uint16_t)(lwip_stats.mem.used / 64),
                                .most = (uint16_t)(lwip_stats.mem.max / 64),
                                .size = (uint16_t)(NET_HEAP / 64),
                                .refused = lwip_stats.mem.err };
    } else {
        return false;
    }
    return true;
}

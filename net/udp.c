// SPDX-License-Identifier: MIT
//
// UDP sockets: datagrams, and multicast groups.
#include <errno.h>
#include <string.h>

#include "kernel/callgraph.h"
#include "kernel/panic.h"
#include "kernel/pool.h"
#include "lwip/igmp.h"
#include "lwip/ip.h"
#include "lwip/mld6.h"
#include "net/socket.h"
#include "net/stack.h"

enum { QUEUED = NET_SMALL ? 4 : 16 }; // datagrams that wait in one socket

// Bytes in a datagram of IPv4, and at most what the memory for sending could ever hold.
enum { LONGEST = NET_HEAP - 256 < 65507 ? NET_HEAP - 256 : 65507 };

// Of the receive buffers, all datagrams together hold half at most.
enum { BUFFERS = NET_BUFFERS / 2 };

static POOL(datagrams, struct datagram, NET_DATAGRAMS);
static unsigned buffers;

static void on_received(void *arg, struct udp_pcb *pcb, struct pbuf *p, const ip_addr_t *from,
                        u16_t port)
{
    struct sock *s = arg;
    u16_t length = pbuf_clen(p);
    bool room = s->queued < QUEUED && buffers + length <= BUFFERS;
    struct datagram *d = room ? pool_alloc(&datagrams) : NULL;

    (void)pcb;
    if (d == NULL) {
        UDP_STATS_INC(udp.drop);
        pbuf_free(p);
        return;
    }
    *d = (struct datagram){ .data = p, .from = *from, .port = port };
    if (s->datagrams == NULL) {
        s->datagrams = d;
    } else {
        s->last_datagram->next = d;
    }
    s->last_datagram = d;
    s->queued++;
    buffers += length;
    ready_wake(&s->readable);
}
MUST_NOT_SWITCH(on_received);

static err_t bind(struct udp_pcb *pcb, const ip_addr_t *ip, uint16_t port)
{
    err_t error = ERR_USE;

    if (port != 0) {
        return udp_bind(pcb, ip, port);
    }
    for (unsigned tries = 0; tries < 16 && error == ERR_USE; tries++) {
        error = udp_bind(pcb, ip, net_random_port());
    }
    return error;
}

int sock_udp(struct sock **out, const struct net_addr *local)
{
    ASSERT(out != NULL, "sock_udp: NULL");
    ip_addr_t ip = net_to_lwip(local);
    err_t error = ERR_MEM;
    struct sock *s = sock_new(SOCK_UDP);

    if (s == NULL) {
        return -ENOBUFS;
    }
    net_enter();
    s->udp = udp_new_ip_type(IP_GET_TYPE(&ip));
    if (s->udp != NULL) {
        error = bind(s->udp, &ip, local != NULL ? local->port : 0);
        udp_recv(s->udp, on_received, s);
        if (error != ERR_OK) {
            udp_remove(s->udp);
        }
    }
    net_leave();
    if (error != ERR_OK) {
        sock_free(s);
        return net_error(error);
    }
    *out = s;
    return 0;
}

static void end_first(struct sock *s)
{
    struct datagram *d = s->datagrams;

    s->datagrams = d->next;
    s->queued--;
    buffers -= pbuf_clen(d->data);
    pbuf_free(d->data);
    pool_free(&datagrams, d);
}

int sock_recv_from(struct sock *s, void *buf, size_t n, struct net_addr *from, deadline_t d)
{
    ASSERT(s != NULL && (buf != NULL || n == 0), "sock_recv_from: NULL");
    if (s->kind != SOCK_UDP) {
        return -EINVAL;
    }
    sched_spend();
    while (s->datagrams == NULL) {
        int waited = wait_on(&s->readable, "sock_recv_from", d);

        if (waited < 0) {
            return waited;
        }
    }
    const struct datagram *first = s->datagrams;
    u16_t length = pbuf_copy_partial(first->data, buf, (u16_t)(n < UINT16_MAX ? n : UINT16_MAX), 0);

    if (from != NULL) {
        *from = net_from_lwip(&first->from, first->port);
    }
    net_enter();
    end_first(s);
    net_leave();
    return length;
}

struct sending {
    struct sock *sock;
    const void *data;
    size_t n;
    const struct net_addr *to;
};

static intptr_t send_to(void *arg)
{
    const struct sending *sending = arg;
    u16_t n = (u16_t)sending->n;
    ip_addr_t ip = net_to_lwip(sending->to);
    struct pbuf *p = pbuf_alloc(PBUF_TRANSPORT, n, PBUF_RAM);

    if (p == NULL) {
        return -ENOBUFS;
    }
    pbuf_take(p, sending->data, n);
    err_t error = udp_sendto(sending->sock->udp, p, &ip, sending->to->port);

    pbuf_free(p);
    return error == ERR_OK ? n : error == ERR_VAL ? -EACCES : net_error(error);
}

int sock_send_to(struct sock *s, const void *data, size_t n, const struct net_addr *to,
                 deadline_t d)
{
    ASSERT(s != NULL && to != NULL && (data != NULL || n == 0), "sock_send_to: NULL");
    if (s->kind != SOCK_UDP || to->family == NET_ANY || to->port == 0) {
        return -EINVAL;
    }
    if (n > LONGEST) {
        return -EMSGSIZE;
    }
    sched_spend();
    for (;;) {
        struct sending sending = { s, data, n, to };
        int result = (int)net_call(send_to, &sending);

        if (result != -ENOBUFS || d.ticks == 0) {
            return result;
        }
        // Nobody says when memory comes back: look again soon.
        deadline_t soon = after_ms(10);
        int waited = wait_on(&s->writable, "sock_send_to", soon.ticks < d.ticks ? soon : d);

        if (waited == -ECANCELED || (waited == -ETIMEDOUT && time_now() >= d.ticks)) {
            return waited == -ETIMEDOUT ? -ENOBUFS : waited;
        }
    }
}

static err_t change_group_4(const ip_addr_t *ip, bool join)
{
    const ip4_addr_t *group = ip_2_ip4(ip);

    return join ? igmp_joingroup_netif(&net_interface, group)
                : igmp_leavegroup_netif(&net_interface, group);
}

static err_t change_group_6(const ip_addr_t *ip, bool join)
{
#if LWIP_IPV6
    const ip6_addr_t *group = ip_2_ip6(ip);

    return join ? mld6_joingroup_netif(&net_interface, group)
                : mld6_leavegroup_netif(&net_interface, group);
#else
    (void)ip;
    (void)join;
    return ERR_VAL;
#endif
}

struct membership {
    ip_addr_t group;
    bool join;
};

static intptr_t change_membership(void *arg)
{
    const struct membership *m = arg;

    return net_error(IP_IS_V6(&m->group) ? change_group_6(&m->group, m->join)
                                         : change_group_4(&m->group, m->join));
}

static int change_group(const struct sock *s, const struct net_addr *group, bool join)
{
    struct membership m = { net_to_lwip(group), join };

    if (s->kind != SOCK_UDP || !ip_addr_ismulticast(&m.group)) {
        return -EINVAL;
    }
    return (int)net_call(change_membership, &m);
}

int sock_join(struct sock *s, const struct net_addr *group)
{
    ASSERT(s != NULL && group != NULL, "sock_join: NULL");
    return change_group(s, group, true);
}

int sock_leave(struct sock *s, const struct net_addr *group)
{
    ASSERT(s != NULL && group != NULL, "sock_leave: NULL");
    return change_group(s, group, false);
}

void sock_close_udp(struct sock *s)
{
    while (s->datagrams != NULL) {
        end_first(s);
    }
    udp_remove(s->udp);
}

int sock_set_udp(struct sock *s, enum sock_option option, int value)
{
    if (option == SOCK_BROADCAST) {
        if (value) {
            ip_set_option(s->udp, SOF_BROADCAST);
        } else {
            ip_reset_option(s->udp, SOF_BROADCAST);
        }
        return 0;
    }
    if (value < 1 || value > 255) {
        return -EINVAL;
    }
    if (option == SOCK_TTL) {
        s->udp->ttl = (u8_t)value;
    } else if (option == SOCK_MULTICAST_TTL) {
        udp_set_multicast_ttl(s->udp, (u8_t)value);
    } else {
        return -EINVAL;
    }
    return 0;
}

// SPDX-License-Identifier: MIT
//
// How TCP connections come to be: listening, and connecting.
#include <errno.h>

#include "kernel/callgraph.h"
#include "kernel/panic.h"
#include "lwip/priv/tcp_priv.h"
#include "net/socket.h"
#include "net/stack.h"

// ---- Listening ----

static void enqueue(struct sock *listener, struct sock *s)
{
    if (listener->accepted == NULL) {
        listener->accepted = s;
    } else {
        listener->last_accepted->next = s;
    }
    listener->last_accepted = s;
}

// Gives back those who have reset before they were accepted: lwIP's backlog does not count them, and
// there could be any number.
static void drop_dead(struct sock *listener)
{
    struct sock *s = listener->accepted;

    listener->accepted = NULL;
    while (s != NULL) {
        struct sock *next = s->next;

        s->next = NULL;
        if (s->tcp == NULL) {
            sock_close_tcp(s);
            sock_free(s);
        } else {
            enqueue(listener, s);
        }
        s = next;
    }
}

static err_t on_accepted(void *arg, struct tcp_pcb *pcb, err_t error)
{
    struct sock *listener = arg;

    if (error != ERR_OK || pcb == NULL) { // no memory for it: the peer tries again
        sock_refused++;
        return ERR_OK;
    }
    drop_dead(listener);
    struct sock *s = sock_new(SOCK_TCP);

    if (s == NULL) {
        sock_refused++;
        return ERR_MEM; // lwIP resets it
    }
    tcp_backlog_delayed(pcb);
    sock_attach(s, pcb);
    s->flags = SOCK_CONNECTED | SOCK_WOKEN; // its reader will be here soon
    enqueue(listener, s);
    ready_wake(&listener->readable);
    return ERR_OK;
}
MUST_NOT_SWITCH(on_accepted);

struct listening {
    struct sock *listener;
    const struct net_addr *local;
    uint8_t backlog;
};

// An err_t. When all connections are in use one that is half open gives way to the new one, which goes deep.
static intptr_t begin_listening(void *arg)
{
    const struct listening *l = arg;
    ip_addr_t ip = net_to_lwip(l->local);
    struct tcp_pcb *pcb = tcp_new_ip_type(IP_GET_TYPE(&ip)), *listening = NULL;
    err_t error = ERR_MEM;

    if (pcb != NULL) {
        ip_set_option(pcb, SOF_REUSEADDR); // connections that linger do not keep the port
        error = tcp_bind(pcb, &ip, l->local->port);
    }
    if (error == ERR_OK) {
        listening = tcp_listen_with_backlog_and_err(pcb, l->backlog, &error);
    }
    if (listening != NULL) {
        l->listener->tcp = listening;
        tcp_arg(listening, l->listener);
        tcp_accept(listening, on_accepted);
    } else if (pcb != NULL) {
        tcp_abort(pcb);
    }
    return error;
}

int sock_listen_on(struct sock **listener, const struct net_addr *local, unsigned backlog)
{
    ASSERT(listener != NULL && local != NULL, "sock_listen: NULL");
    struct sock *s = sock_new(SOCK_LISTENER);

    if (s == NULL) {
        return -ENOBUFS;
    }
    struct listening l = { s, local, (uint8_t)(backlog > 255 ? 255 : backlog == 0 ? 1 : backlog) };
    err_t error = (err_t)net_call(begin_listening, &l);

    if (error != ERR_OK) {
        sock_free(s);
        return net_error(error);
    }
    *listener = s;
    return 0;
}

int sock_listen(struct sock **listener, uint16_t port)
{
    return sock_listen_on(listener, &(struct net_addr){ .port = port }, TCP_DEFAULT_LISTEN_BACKLOG);
}

int sock_accept(struct sock *listener, struct sock **s, deadline_t d)
{
    ASSERT(listener != NULL && s != NULL, "sock_accept: NULL");
    if (listener->kind != SOCK_LISTENER) {
        return -EINVAL;
    }
    sched_spend();
    while (listener->accepted == NULL) {
        int waited = wait_on(&listener->readable, "sock_accept", d);

        if (waited < 0) {
            return waited;
        }
    }
    struct sock *first = listener->accepted;

    listener->accepted = first->next;
    first->next = NULL;
    if (first->tcp != NULL) {
        net_enter();
        tcp_backlog_accepted(first->tcp);
        net_leave();
    }
    *s = first;
    return 0;
}

void sock_close_listener(struct sock *listener)
{
    struct sock *s;

    tcp_accept(listener->tcp, NULL);
    while ((s = listener->accepted) != NULL) {
        listener->accepted = s->next;
        if (s->tcp != NULL) {
            tcp_abort(s->tcp);
        }
        sock_close_tcp(s);
        sock_free(s);
    }
    tcp_close(listener->tcp);
}

// ---- Connecting ----

// A port that is taken by a connection to the same peer would be an error: then another.
static err_t bind_random(struct tcp_pcb *pcb, const ip_addr_t *peer)
{
    err_t error = ERR_USE;
    ip_addr_t any;

    (void)peer; // there is but one kind without IPv6
    ip_addr_set_any(IP_IS_V6(peer), &any);
    for (unsigned tries = 0; tries < 16 && error == ERR_USE; tries++) {
        error = tcp_bind(pcb, &any, net_random_port());
    }
    return error;
}

static err_t on_connected(void *arg, struct tcp_pcb *pcb, err_t error)
{
    struct sock *s = arg;

    (void)pcb;
    (void)error;
    s->flags |= SOCK_CONNECTED;
    waitq_wake_all(&s->writable);
    return ERR_OK;
}
MUST_NOT_SWITCH(on_connected);

struct connecting {
    struct sock *sock;
    const struct net_addr *peer;
};

static intptr_t begin_connect(void *arg)
{
    struct sock *s = ((struct connecting *)arg)->sock;
    const struct net_addr *peer = ((struct connecting *)arg)->peer;
    ip_addr_t ip = net_to_lwip(peer);
    struct tcp_pcb *pcb = tcp_new_ip_type(IP_GET_TYPE(&ip));

    if (pcb == NULL) {
        return -ENOBUFS;
    }
    sock_attach(s, pcb);
    err_t error = bind_random(pcb, &ip);

    if (error == ERR_OK) {
        error = tcp_connect(pcb, &ip, peer->port, on_connected);
    }
    if (error != ERR_OK) {
        sock_detach(pcb);
        tcp_abort(pcb);
        s->tcp = NULL;
    }
    return net_error(error);
}

int sock_connect(struct sock **out, const struct net_addr *peer, deadline_t d)
{
    ASSERT(out != NULL && peer != NULL, "sock_connect: NULL");
    if (peer->family == NET_ANY || peer->port == 0) {
        return -EINVAL;
    }
    struct sock *s = sock_new(SOCK_TCP);

    if (s == NULL) {
        return -ENOBUFS;
    }
    struct connecting connecting = { s, peer };
    int result = (int)net_call(begin_connect, &connecting);

    while (result == 0 && !(s->flags & SOCK_CONNECTED)) {
        result = s->error != 0 ? s->error : wait_on(&s->writable, "sock_connect", d);
    }
    if (result < 0) {
        sock_abort(s);
        // A reset in answer to the first segment is a refusal; no answer at all, a time-out.
        return result == -ECONNRESET     ? -ECONNREFUSED
               : result == -ECONNABORTED ? -ETIMEDOUT
                                         : result;
    }
    *out = s;
    return 0;
}

// SPDX-License-Identifier: MIT
//
// TCP sockets: connections, over lwIP's callbacks.
#include <errno.h>
#include <string.h>

#include "kernel/panic.h"
#include "lwip/priv/tcp_priv.h"
#include "net/socket.h"
#include "net/stack.h"

enum { LOOK_EVERY = 1 }; // in half seconds: lwIP's poll callback

// ---- Callbacks: lwIP's side, in poll context or inside a call that entered it ----

static void tell_watcher(const struct sock *s)
{
    if (s->watcher != NULL) {
        s->watcher(s->watcher_arg);
    }
}

static void detach(struct tcp_pcb *pcb)
{
    tcp_arg(pcb, NULL);
    tcp_recv(pcb, NULL);
    tcp_sent(pcb, NULL);
    tcp_poll(pcb, NULL, 0);
    tcp_err(pcb, NULL);
}

// A reader runs as soon as the poller is done. So the acknowledgement waits for it, and says then how
// far the window has opened again, or goes along with an answer: one segment less each time.
static void put_off(struct sock *s, struct tcp_pcb *pcb)
{
    tcp_clear_flags(pcb, TF_ACK_NOW);
    tcp_set_flags(pcb, TF_ACK_DELAY); // a quarter of a second at most, should the reader not come
    s->flags |= SOCK_ACK_DUE;
}

// The reader has read everything, and is about to wait.
static void acknowledge(struct sock *s)
{
    s->flags &= (uint8_t) ~(SOCK_ACK_DUE | SOCK_WOKEN);
    if (s->tcp != NULL && (s->tcp->flags & TF_ACK_DELAY)) {
        net_enter();
        tcp_ack_now(s->tcp);
        tcp_output(s->tcp);
        net_leave();
    }
}

static err_t on_received(void *arg, struct tcp_pcb *pcb, struct pbuf *p, err_t error)
{
    struct sock *s = arg;

    (void)error;
    if (p == NULL) {
        s->flags |= SOCK_ENDED;
        tell_watcher(s);
        bool woken = waitq_wake_all(&s->readable) > 0 || (s->flags & SOCK_WOKEN);

        if (pcb->state == CLOSING || pcb->state == TIME_WAIT) {
            s->tcp = NULL; // both sides have said all: lwIP ends it alone, and calls nobody
            detach(pcb);
        } else if (woken && (pcb->flags & TF_ACK_NOW)) {
            put_off(s, pcb); // it will close, and say both in one segment
        }
        return ERR_OK;
    }
    if (s->received == NULL) {
        s->received = p;
    } else {
        s->last->next = p;
    }
    s->available += p->tot_len;
    while (p->next != NULL) {
        p = p->next;
    }
    s->last = p;
    tell_watcher(s);
    if (waitq_wake_one(&s->readable)) {
        s->flags |= SOCK_WOKEN;
    }
    if ((s->flags & SOCK_WOKEN) && (pcb->flags & TF_ACK_NOW)) {
        put_off(s, pcb);
    }
    return ERR_OK;
}

static bool has_room(const struct sock *s)
{
    const struct tcp_pcb *pcb = s->tcp;

    return tcp_sndbuf(pcb) > TCP_SND_BUF - s->space && pcb->snd_queuelen < TCP_SND_QUEUELEN - 1;
}

// A sender is woken when half of the space is free, so that it does not send in crumbs.
static err_t on_acknowledged(void *arg, struct tcp_pcb *pcb, u16_t length)
{
    struct sock *s = arg;

    (void)length;
    if (tcp_sndbuf(pcb) >= TCP_SND_BUF - s->space / 2 || pcb->unacked == NULL) {
        waitq_wake_one(&s->writable);
    }
    return ERR_OK;
}

// Twice a second: somebody else may have given memory back.
static err_t on_look(void *arg, struct tcp_pcb *pcb)
{
    (void)pcb;
    waitq_wake_one(&((struct sock *)arg)->writable);
    return ERR_OK;
}

static void on_error(void *arg, err_t error)
{
    struct sock *s = arg;

    s->tcp = NULL;
    if (s->error == 0) {
        s->error = (int16_t)net_error(error);
    }
    tell_watcher(s);
    waitq_wake_all(&s->readable);
    waitq_wake_all(&s->writable);
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

static void attach(struct sock *s, struct tcp_pcb *pcb)
{
    s->tcp = pcb;
    tcp_arg(pcb, s);
    tcp_recv(pcb, on_received);
    tcp_sent(pcb, on_acknowledged);
    tcp_poll(pcb, on_look, LOOK_EVERY);
    tcp_err(pcb, on_error);
}

// ---- Listening ----

static err_t on_accepted(void *arg, struct tcp_pcb *pcb, err_t error)
{
    struct sock *listener = arg;

    if (error != ERR_OK || pcb == NULL) { // no memory for it: the peer tries again
        sock_refused++;
        return ERR_OK;
    }
    struct sock *s = sock_new(SOCK_TCP);

    if (s == NULL) {
        sock_refused++;
        return ERR_MEM; // lwIP resets it
    }
    tcp_backlog_delayed(pcb);
    attach(s, pcb);
    s->flags = SOCK_CONNECTED | SOCK_WOKEN; // its reader will be here soon
    if (listener->accepted == NULL) {
        listener->accepted = s;
    } else {
        listener->last_accepted->next = s;
    }
    listener->last_accepted = s;
    waitq_wake_one(&listener->readable);
    return ERR_OK;
}

int sock_listen_on(struct sock **listener, const struct net_addr *local, unsigned backlog)
{
    ASSERT(listener != NULL && local != NULL, "sock_listen: NULL");
    ip_addr_t ip = net_to_lwip(local);
    err_t error = ERR_MEM;
    struct sock *s = sock_new(SOCK_LISTENER);

    if (s == NULL) {
        return -ENOBUFS;
    }
    net_enter();
    struct tcp_pcb *pcb = tcp_new_ip_type(IP_GET_TYPE(&ip)), *listening = NULL;

    if (pcb != NULL) {
        ip_set_option(pcb, SOF_REUSEADDR); // connections that linger do not keep the port
        error = tcp_bind(pcb, &ip, local->port);
    }
    if (error == ERR_OK) {
        uint8_t most = (uint8_t)(backlog > 255 ? 255 : backlog == 0 ? 1 : backlog);

        listening = tcp_listen_with_backlog_and_err(pcb, most, &error);
    }
    if (listening == NULL) {
        if (pcb != NULL) {
            tcp_abort(pcb);
        }
    } else {
        s->tcp = listening;
        tcp_arg(listening, s);
        tcp_accept(listening, on_accepted);
    }
    net_leave();
    if (listening == NULL) {
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

static int begin_connect(struct sock *s, const struct net_addr *peer)
{
    ip_addr_t ip = net_to_lwip(peer);
    struct tcp_pcb *pcb = tcp_new_ip_type(IP_GET_TYPE(&ip));

    if (pcb == NULL) {
        return -ENOBUFS;
    }
    attach(s, pcb);
    err_t error = bind_random(pcb, &ip);

    if (error == ERR_OK) {
        error = tcp_connect(pcb, &ip, peer->port, on_connected);
    }
    if (error != ERR_OK) {
        detach(pcb);
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
    net_enter();
    int result = begin_connect(s, peer);

    net_leave();
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

// ---- Receiving ----

// n bytes at the front of the chain were dealt with: frees their buffers, and opens the window.
static void consume(struct sock *s, size_t n)
{
    size_t left = n;

    s->flags &= (uint8_t)~SOCK_WOKEN;
    s->available -= (uint32_t)n;
    while (left > 0) {
        struct pbuf *p = s->received;
        size_t here = (size_t)p->len - s->skip;

        if (left < here) {
            s->skip = (uint16_t)(s->skip + left);
            break;
        }
        left -= here;
        s->received = p->next;
        s->skip = 0;
        p->next = NULL;
        pbuf_free(p);
    }
    if (s->tcp != NULL) {
        tcp_recved(s->tcp, (u16_t)n);
    }
}

// What a socket with nothing to read returns: the end, how it ended, or -EAGAIN.
static int nothing_there(struct sock *s)
{
    if (s->flags & SOCK_ENDED) {
        return 0;
    }
    if (s->flags & SOCK_ACK_DUE) {
        acknowledge(s);
    }
    return s->error != 0 ? s->error : -EAGAIN;
}

static int try_read(void *device, void *buf, size_t n)
{
    struct sock *s = device;
    const struct pbuf *p = s->received;
    size_t done = 0, skip = s->skip;

    if (p == NULL) {
        return nothing_there(s);
    }
    n = n < UINT16_MAX ? n : UINT16_MAX;
    for (; p != NULL && done < n; p = p->next, skip = 0) {
        size_t here = (size_t)p->len - skip, part = here < n - done ? here : n - done;

        memcpy((uint8_t *)buf + done, (const uint8_t *)p->payload + skip, part);
        done += part;
    }
    net_enter();
    consume(s, done);
    net_leave();
    if (s->received != NULL && !waitq_empty(&s->readable)) {
        waitq_wake_one(&s->readable);
    }
    return (int)done;
}

static int peek(void *device, char *byte)
{
    const struct sock *s = device;

    if (s->received == NULL) {
        return 0;
    }
    *byte = ((const char *)s->received->payload)[s->skip];
    return 1;
}

int sock_borrow(struct sock *s, const void **data, deadline_t d)
{
    ASSERT(s != NULL && data != NULL, "sock_borrow: NULL");
    if (s->kind != SOCK_TCP) {
        return -EINVAL;
    }
    sched_spend();
    while (s->received == NULL) {
        int result = nothing_there(s);

        if (result == -EAGAIN) {
            result = wait_on(&s->readable, "sock_borrow", d);
            if (result == 0) {
                continue;
            }
        }
        return result;
    }
    *data = (const uint8_t *)s->received->payload + s->skip;
    return s->received->len - s->skip;
}

void sock_release(struct sock *s, size_t n)
{
    ASSERT(s != NULL && n <= s->available, "sock_release: more than was borrowed");
    net_enter();
    consume(s, n);
    net_leave();
}

// ---- Sending ----

static int write_some(struct sock *s, const void *data, size_t n, u8_t flags)
{
    struct tcp_pcb *pcb = s->tcp;

    if (s->error != 0) {
        return s->error;
    }
    if (pcb == NULL || (s->flags & SOCK_SHUT)) {
        return -EPIPE;
    }
    if (!has_room(s)) {
        return -EAGAIN;
    }
    size_t room = (size_t)(tcp_sndbuf(pcb) - (TCP_SND_BUF - s->space));
    u16_t part = (u16_t)(n < room ? n : room);
    err_t error = tcp_write(pcb, data, part, flags);

    while (error == ERR_MEM && part > 64) { // not that much memory just now
        part /= 2;
        error = tcp_write(pcb, data, part, flags);
    }
    if (error != ERR_OK) {
        return error == ERR_MEM ? -EAGAIN : net_error(error);
    }
    tcp_output(pcb); // what it cannot send now, it sends when the device or the window has room
    return part;
}

static int try_write(void *device, const void *data, size_t n)
{
    net_enter();
    int result = write_some(device, data, n, TCP_WRITE_FLAG_COPY);

    net_leave();
    return result;
}

static int try_write_const(void *device, const void *data, size_t n)
{
    net_enter();
    int result = write_some(device, data, n, 0);

    net_leave();
    return result;
}

static struct waitq *readable(void *device)
{
    return &((struct sock *)device)->readable;
}

static struct waitq *writable(void *device)
{
    return &((struct sock *)device)->writable;
}

static bool can_read(void *device)
{
    const struct sock *s = device;

    return s->received != NULL || s->error != 0 || (s->flags & SOCK_ENDED);
}

static bool can_write(void *device)
{
    const struct sock *s = device;

    return s->tcp == NULL || s->error != 0 || (s->flags & SOCK_SHUT) || has_room(s);
}

const struct stream_ops sock_stream_ops = {
    .try_read = try_read,
    .peek = peek,
    .try_write = try_write,
    .readable = readable,
    .writable = writable,
    .can_read = can_read,
    .can_write = can_write,
    .in_read = "sock_recv",
    .in_write = "sock_send",
};

static const struct stream_ops const_ops = {
    .try_write = try_write_const,
    .writable = writable,
    .in_write = "sock_send",
};

int sock_recv(struct sock *s, void *buf, size_t n, deadline_t d)
{
    ASSERT(s != NULL, "sock_recv: NULL");
    struct stream stream = sock_stream(s);

    return s->kind == SOCK_TCP ? io_read(&stream, buf, n, d) : -EINVAL;
}

int sock_send(struct sock *s, const void *data, size_t n, deadline_t d)
{
    ASSERT(s != NULL, "sock_send: NULL");
    struct stream stream = sock_stream(s);

    return s->kind == SOCK_TCP ? io_write(&stream, data, n, d) : -EINVAL;
}

int sock_send_const(struct sock *s, const void *data, size_t n, deadline_t d)
{
    ASSERT(s != NULL, "sock_send_const: NULL");
    struct stream stream = { &const_ops, s };

    return s->kind == SOCK_TCP ? io_write(&stream, data, n, d) : -EINVAL;
}

int sock_flush(struct sock *s, deadline_t d)
{
    ASSERT(s != NULL, "sock_flush: NULL");
    if (s->kind != SOCK_TCP) {
        return -EINVAL;
    }
    while (s->tcp != NULL && (s->tcp->unsent != NULL || s->tcp->unacked != NULL)) {
        int waited = wait_on(&s->writable, "sock_flush", d);

        if (waited < 0) {
            return waited;
        }
    }
    return s->error;
}

// ---- The end ----

int sock_shutdown(struct sock *s, enum sock_direction how)
{
    ASSERT(s != NULL, "sock_shutdown: NULL");
    if (s->kind != SOCK_TCP) {
        return -EINVAL;
    }
    if (s->tcp == NULL) {
        return s->error != 0 ? s->error : -ENOTCONN;
    }
    int result = 0;

    net_enter();
    if ((how & SOCK_SEND) && !(s->flags & SOCK_SHUT)) {
        result = net_error(tcp_shutdown(s->tcp, 0, 1));
        s->flags |= SOCK_SHUT;
        waitq_wake_all(&s->writable);
    }
    net_leave();
    if (how & SOCK_RECV) { // what comes from now on is not read; close() resets
        s->flags |= SOCK_ENDED;
        waitq_wake_all(&s->readable);
    }
    return result;
}

static void drop_received(struct sock *s)
{
    struct pbuf *p;

    while ((p = s->received) != NULL) {
        s->received = p->next;
        p->next = NULL;
        pbuf_free(p);
    }
}

void sock_close_tcp(struct sock *s)
{
    struct tcp_pcb *pcb = s->tcp;

    drop_received(s);
    if (pcb == NULL) {
        return;
    }
    if (s->held > 0) {
        tcp_recved(pcb, s->held);
    }
    detach(pcb);
    tcp_backlog_accepted(pcb);
    if (tcp_close(pcb) != ERR_OK) {
        tcp_abort(pcb);
    }
}

void sock_abort(struct sock *s)
{
    if (s == NULL) {
        return;
    }
    if (s->kind != SOCK_TCP) {
        sock_close(s);
        return;
    }
    net_enter();
    drop_received(s);
    if (s->tcp != NULL) {
        struct tcp_pcb *pcb = s->tcp;

        detach(pcb);
        tcp_abort(pcb);
    }
    net_leave();
    sock_free(s);
}

// ---- Options ----

static int set_keepalive(struct tcp_pcb *pcb, int seconds)
{
    if (seconds < 0 || seconds > 86400) {
        return -EINVAL;
    }
    if (seconds == 0) {
        ip_reset_option(pcb, SOF_KEEPALIVE);
        return 0;
    }
    ip_set_option(pcb, SOF_KEEPALIVE);
    pcb->keep_idle = (u32_t)seconds * 1000;
    pcb->keep_intvl = seconds > 10 ? 10000 : 1000;
    pcb->keep_cnt = 5;
    return 0;
}

// The window is made smaller by keeping a part of it from the peer.
static int set_recv_space(struct sock *s, int bytes)
{
    if (bytes < 1 || bytes > TCP_WND || s->held > 0) {
        return -EINVAL;
    }
    s->held = (uint16_t)(TCP_WND - bytes);
    if (s->tcp->rcv_wnd < s->held) {
        s->held = (uint16_t)s->tcp->rcv_wnd;
    }
    s->tcp->rcv_wnd = (tcpwnd_size_t)(s->tcp->rcv_wnd - s->held);
    return 0;
}

int sock_set_tcp(struct sock *s, enum sock_option option, int value)
{
    switch (option) {
    case SOCK_NODELAY:
        if (value) {
            tcp_nagle_disable(s->tcp);
        } else {
            tcp_nagle_enable(s->tcp);
        }
        return 0;
    case SOCK_KEEPALIVE:
        return set_keepalive(s->tcp, value);
    case SOCK_SEND_SPACE:
        if (value < 1 || value > TCP_SND_BUF) {
            return -EINVAL;
        }
        s->space = (uint16_t)value;
        return 0;
    case SOCK_RECV_SPACE:
        return set_recv_space(s, value);
    case SOCK_TTL:
        if (value < 1 || value > 255) {
            return -EINVAL;
        }
        s->tcp->ttl = (u8_t)value;
        return 0;
    default:
        return -EINVAL;
    }
}

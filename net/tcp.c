// SPDX-License-Identifier: MIT
//
// TCP sockets: what lwIP calls, how a connection ends, and its options. tcp_open.c has its beginning,
// tcp_io.c what goes through it.
#include <errno.h>
#include <string.h>

#include "kernel/callgraph.h"
#include "kernel/panic.h"
#include "lwip/priv/tcp_priv.h"
#include "net/socket.h"
#include "net/stack.h"

enum {
    LOOK_EVERY = 1,   // in half seconds, as all here: lwIP's poll callback
    ORPHAN = 120 * 2, // that what was sent may take to be delivered after sock_close()
};

// ---- Callbacks: lwIP's side, in poll context or inside a call that entered it ----

static void tell_watcher(const struct sock *s)
{
    if (s->watcher != NULL) {
        s->watcher(s->watcher_arg);
    }
}

void sock_detach(struct tcp_pcb *pcb)
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

static intptr_t send_acknowledgement(void *pcb)
{
    tcp_ack_now((struct tcp_pcb *)pcb);
    return tcp_output(pcb);
}

// The reader has read everything, and is about to wait.
void sock_acknowledge(struct sock *s)
{
    s->flags &= (uint8_t) ~(SOCK_ACK_DUE | SOCK_WOKEN);
    if (s->tcp != NULL && (s->tcp->flags & TF_ACK_DELAY)) {
        net_call(send_acknowledgement, s->tcp);
    }
}

// If buffers kept few bytes each, a peer who sends such and is not read would soon hold all there are. So
// what has room behind the last bytes goes there.
static bool joins_last(struct sock *s, const struct pbuf *p)
{
    struct pbuf *last = s->last;

    if (s->received == NULL || last->ref != 1 ||
        !pbuf_match_allocsrc(last, PBUF_TYPE_ALLOC_SRC_MASK_STD_MEMP_PBUF_POOL)) {
        return false;
    }
    uint8_t *at = (uint8_t *)last->payload + last->len;
    uint8_t *end = (uint8_t *)last + LWIP_MEM_ALIGN_SIZE(sizeof *last) + PBUF_POOL_BUFSIZE;

    if (p->len > end - at) {
        return false;
    }
    memcpy(at, p->payload, p->len);
    last->len = (u16_t)(last->len + p->len);
    return true;
}

// Buffers whose bytes lwIP had already may be empty; those are not kept.
static void __attribute__((noinline)) append(struct sock *s, struct pbuf *p)
{
    while (p != NULL) {
        struct pbuf *next = p->next;

        p->next = NULL;
        if (p->len == 0 || joins_last(s, p)) {
            pbuf_free(p);
        } else {
            if (s->received == NULL) {
                s->received = p;
            } else {
                s->last->next = p;
            }
            s->last = p;
        }
        p = next;
    }
}

bool sock_has_unacknowledged(const struct sock *s)
{
    const struct tcp_pcb *pcb = s->tcp;

    if (pcb == NULL) {
        return false;
    }
    for (const struct tcp_seg *seg = pcb->unacked; seg != NULL; seg = seg->next) {
        if (seg->len > 0) {
            return true;
        }
    }
    return pcb->unsent != NULL && pcb->unsent->len > 0;
}

// Both sides have said all, and know it but for our end: lwIP ends the connection alone, and calls nobody.
static void leave_to_lwip(struct sock *s)
{
    sock_detach(s->tcp);
    s->tcp = NULL;
    waitq_wake_all(&s->writable);
}

static err_t on_received(void *arg, struct tcp_pcb *pcb, struct pbuf *p, err_t error)
{
    struct sock *s = arg;

    (void)error;
    if (p == NULL) {
        s->flags |= SOCK_ENDED;
        tell_watcher(s);
        bool woken = waitq_wake_all(&s->readable) > 0 || (s->flags & SOCK_WOKEN);

        if (pcb->state == CLOSING && sock_has_unacknowledged(s)) {
            s->flags |= SOCK_CLOSING;
        } else if (pcb->state == CLOSING || pcb->state == TIME_WAIT) {
            leave_to_lwip(s);
        } else if (woken && (pcb->flags & TF_ACK_NOW)) {
            put_off(s, pcb); // it will close, and say both in one segment
        }
        return ERR_OK;
    }
    s->available += p->tot_len;
    if (p->next == NULL && p->len >= PBUF_POOL_BUFSIZE / 2) { // as a rule, when there is much
        if (s->received == NULL) {
            s->received = p;
        } else {
            s->last->next = p;
        }
        s->last = p;
    } else {
        append(s, p);
    }
    tell_watcher(s);
    if (!waitq_empty(&s->readable)) {
        ready_wake(&s->readable);
        s->flags |= SOCK_WOKEN;
    }
    if ((s->flags & SOCK_WOKEN) && (pcb->flags & TF_ACK_NOW)) {
        put_off(s, pcb);
    }
    return ERR_OK;
}
MUST_NOT_SWITCH(on_received);

// Senders are woken when half of the space is free, so that they do not send in crumbs; all of them, since
// some wait for room, others for acknowledgements (sock_flush), and others only want to know.
static err_t on_acknowledged(void *arg, struct tcp_pcb *pcb, u16_t length)
{
    struct sock *s = arg;

    (void)length;
    s->flags &= (uint8_t)~SOCK_STARVED;
    if ((s->flags & SOCK_CLOSING) && !sock_has_unacknowledged(s)) {
        leave_to_lwip(s);
    } else if (!waitq_empty(&s->writable) &&
               (tcp_sndbuf(pcb) >= TCP_SND_BUF - s->space / 2 || pcb->unacked == NULL)) {
        waitq_wake_all(&s->writable);
    }
    return ERR_OK;
}
MUST_NOT_SWITCH(on_acknowledged);

// Twice a second: somebody else may have given memory back.
static err_t on_look(void *arg, struct tcp_pcb *pcb)
{
    struct sock *s = arg;

    (void)pcb;
    s->flags &= (uint8_t)~SOCK_STARVED;
    waitq_wake_all(&s->writable);
    return ERR_OK;
}
MUST_NOT_SWITCH(on_look);

static void on_error(void *arg, err_t error)
{
    struct sock *s = arg;

    s->tcp = NULL;
    if (s->error == 0 && error != ERR_CLSD) { // both sides have said all, and heard it: no error
        s->error = (int16_t)net_error(error);
    }
    tell_watcher(s);
    waitq_wake_all(&s->readable);
    waitq_wake_all(&s->writable);
}
MUST_NOT_SWITCH(on_error);

void sock_attach(struct sock *s, struct tcp_pcb *pcb)
{
    s->tcp = pcb;
    tcp_arg(pcb, s);
    tcp_recv(pcb, on_received);
    tcp_sent(pcb, on_acknowledged);
    tcp_poll(pcb, on_look, LOOK_EVERY);
    tcp_err(pcb, on_error);
}

// ---- The end ----

static intptr_t end_sending(void *pcb)
{
    return net_error(tcp_shutdown(pcb, 0, 1));
}

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

    if ((how & SOCK_SEND) && !(s->flags & SOCK_SHUT)) {
        result = (int)net_call(end_sending, s->tcp);
        s->flags |= SOCK_SHUT;
        waitq_wake_all(&s->writable);
    }
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

// A peer that neither takes what was sent nor goes away, but answers all probes, would keep it for ever.
// lwIP does not touch `tmr` any more once a connection is closed.
static err_t on_orphan(void *arg, struct tcp_pcb *pcb)
{
    (void)arg;
    if (tcp_ticks - pcb->tmr < ORPHAN) {
        return ERR_OK;
    }
    tcp_abort(pcb);
    return ERR_ABRT;
}
MUST_NOT_SWITCH(on_orphan);

void sock_close_tcp(struct sock *s)
{
    struct tcp_pcb *pcb = s->tcp;

    drop_received(s);
    if (pcb == NULL) {
        return;
    }
    uint32_t closed = TCP_WND - (uint32_t)pcb->rcv_wnd;

    if (closed > s->available) { // what is closed otherwise, lwIP would take for unread
        tcp_recved(pcb, (u16_t)(closed - s->available));
    }
    sock_detach(pcb);
    tcp_poll(pcb, on_orphan, LOOK_EVERY);
    pcb->tmr = tcp_ticks;
    tcp_backlog_accepted(pcb);
    if (tcp_close(pcb) != ERR_OK) {
        tcp_abort(pcb);
    }
}

static intptr_t reset(void *sock)
{
    struct sock *s = sock;

    drop_received(s);
    if (s->tcp != NULL) {
        sock_detach(s->tcp);
        tcp_abort(s->tcp);
    }
    return 0;
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
    net_call(reset, s);
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

// The window is made smaller by keeping a part of it from the peer: open_window().
static int set_recv_space(struct sock *s, int bytes)
{
    if (bytes < 1 || bytes > TCP_WND || s->held > 0) {
        return -EINVAL;
    }
    s->held = (uint16_t)(TCP_WND - bytes);
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

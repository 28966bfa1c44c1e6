// SPDX-License-Identifier: MIT
//
// Bytes in and out of TCP connections: the try functions of a stream, over what lwIP has queued.
#include <errno.h>
#include <string.h>

#include "kernel/callgraph.h"
#include "kernel/panic.h"
#include "lwip/priv/tcp_priv.h"
#include "net/socket.h"
#include "net/stack.h"

// ---- Receiving ----

static void __attribute__((noinline)) free_front(struct sock *s, size_t n)
{
    while (n > 0) {
        struct pbuf *p = s->received;
        size_t here = (size_t)p->len - s->skip;

        if (n < here) {
            s->skip = (uint16_t)(s->skip + n);
            break;
        }
        n -= here;
        s->received = p->next;
        s->skip = 0;
        p->next = NULL;
        pbuf_free(p);
    }
}

// Of the window, what is unread stays closed, and what SOCK_RECV_SPACE keeps; a window that was offered
// is not taken back, so the latter comes from what is read.
static u16_t may_open(const struct sock *s)
{
    uint32_t closed = TCP_WND - (uint32_t)s->tcp->rcv_wnd, keep = s->available + s->held;

    return (u16_t)(closed > keep ? closed - keep : 0);
}

// lwIP announces a larger window by steps of a segment and of half the largest window: a smaller one
// would never open again.
static intptr_t open_window(void *sock)
{
    struct sock *s = sock;
    struct tcp_pcb *pcb = s->tcp;

    tcp_recved(pcb, may_open(s));
    int32_t more = (int32_t)(pcb->rcv_nxt + pcb->rcv_wnd - pcb->rcv_ann_right_edge);

    if (s->held > 0 && more > 0 && more >= (TCP_WND - s->held) / 2) {
        pcb->rcv_ann_wnd = pcb->rcv_wnd;
        tcp_ack_now(pcb);
        tcp_output(pcb);
        more = 0;
    }
    s->opened = (uint16_t)(more > 0 ? more : 0);
    return 0;
}

static void __attribute__((noinline)) open_wide(struct sock *s)
{
    net_call(open_window, s);
}

// n bytes at the front of the chain were dealt with. Only when the window has opened so far that lwIP may
// tell the peer at once does the call go deep.
static void consume(struct sock *s, size_t n)
{
    struct tcp_pcb *pcb = s->tcp;

    struct pbuf *first = s->received;

    s->flags &= (uint8_t)~SOCK_WOKEN;
    s->available -= (uint32_t)n;
    no_switch_begin();
    if (s->skip + n == first->len) { // as a rule, the first buffer
        s->received = first->next;
        s->skip = 0;
        first->next = NULL;
        pbuf_free(first);
    } else {
        free_front(s, n);
    }
    if (pcb != NULL) {
        if (s->held == 0 && s->opened + n < TCP_WND_UPDATE_THRESHOLD) {
            tcp_recved(pcb, (u16_t)n);
            s->opened = (uint16_t)(s->opened + n);
        } else {
            open_wide(s);
        }
    }
    no_switch_end();
}
ENDS_IN(consume, tcp_recved); // below the threshold no window is announced

// What a socket with nothing to read returns: the end, how it ended, or -EAGAIN.
static int nothing_there(struct sock *s)
{
    if (s->flags & SOCK_ENDED) {
        return 0;
    }
    if (s->flags & SOCK_ACK_DUE) {
        sock_acknowledge(s);
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
    consume(s, done);
    if (s->received != NULL && !waitq_empty(&s->readable)) {
        ready_wake(&s->readable);
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

// Until there is something, or a reason that there is not, which is returned.
static int __attribute__((noinline)) wait_for_data(struct sock *s, deadline_t d)
{
    int result = 0;

    while (s->received == NULL && result == 0) {
        result = nothing_there(s);
        if (result != -EAGAIN) {
            break;
        }
        result = wait_on(&s->readable, "sock_borrow", d);
    }
    return result;
}

int sock_borrow(struct sock *s, const void **data, deadline_t d)
{
    ASSERT(s != NULL && data != NULL, "sock_borrow: NULL");
    if (s->kind != SOCK_TCP) {
        return -EINVAL;
    }
    sched_spend();
    if (s->received == NULL) {
        int result = wait_for_data(s, d);

        if (s->received == NULL) {
            return result;
        }
    }
    *data = (const uint8_t *)s->received->payload + s->skip;
    return s->received->len - s->skip;
}

void sock_release(struct sock *s, size_t n)
{
    ASSERT(s != NULL && n <= s->available, "sock_release: more than was borrowed");
    if (n > 0) {
        consume(s, n);
    }
}

// ---- Sending ----

struct writing {
    struct sock *sock;
    const void *data;
    size_t n;
    u8_t flags; // TCP_WRITE_FLAG_COPY
};

static intptr_t write_some(void *arg)
{
    const struct writing *w = arg;
    struct sock *s = w->sock;
    struct tcp_pcb *pcb = s->tcp;

    if (s->error != 0) {
        return s->error;
    }
    if (pcb == NULL || (s->flags & SOCK_SHUT)) {
        return -EPIPE;
    }
    if (!sock_has_room(s)) {
        return -EAGAIN;
    }
    size_t room = (size_t)(tcp_sndbuf(pcb) - (TCP_SND_BUF - s->space));
    u16_t part = (u16_t)(w->n < room ? w->n : room);
    err_t error = tcp_write(pcb, w->data, part, w->flags);

    while (error == ERR_MEM && part > 64) { // not that much memory just now
        part /= 2;
        error = tcp_write(pcb, w->data, part, w->flags);
    }
    if (error == ERR_MEM) {
        s->flags |= SOCK_STARVED;
        return -EAGAIN;
    }
    if (error != ERR_OK) {
        return net_error(error);
    }
    tcp_output(pcb); // what it cannot send now, it sends when the device or the window has room
    return part;
}

static int try_write(void *device, const void *data, size_t n)
{
    struct writing writing = { device, data, n, TCP_WRITE_FLAG_COPY };

    return (int)net_call(write_some, &writing);
}

static int try_write_const(void *device, const void *data, size_t n)
{
    struct writing writing = { device, data, n, 0 };

    return (int)net_call(write_some, &writing);
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

    return s->tcp == NULL || s->error != 0 || (s->flags & SOCK_SHUT) ||
           (sock_has_room(s) && !(s->flags & SOCK_STARVED));
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
    while (sock_has_unacknowledged(s)) {
        int waited = wait_on(&s->writable, "sock_flush", d);

        if (waited < 0) {
            return waited;
        }
    }
    return s->error;
}

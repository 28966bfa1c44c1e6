// SPDX-License-Identifier: MIT
//
// Sockets: calls that look synchronous, and hand the processor on while they wait.
//
//     struct sock *s;
//     char buf[128];
//     int n;
//
//     sock_listen(&listener, 7);
//     while (sock_accept(listener, &s, FOREVER) == 0) { ... one tasklet each ... }
//
//     while ((n = sock_recv(s, buf, sizeof buf, after_ms(30000))) > 0) {
//         sock_send(s, buf, (size_t)n, after_ms(5000));
//     }
//     sock_close(s);
//
// A call enters the stack directly, in the caller's own context: no mailbox, no copy but the one into
// the caller's buffer. Sockets come from a pool, as many as there can be connections.
//
// Errors: -ETIMEDOUT, -ECANCELED and -EAGAIN (NOWAIT) as everywhere; -ECONNRESET: the peer has reset
// the connection; -ECONNABORTED: we gave it up, after retransmissions without an answer; -EPIPE: sent
// after shutdown; -ENOBUFS: no socket, or no memory in the stack; -ENOTCONN, -EINVAL: not that kind of
// socket. Bytes that have moved are reported before the error, which comes at the next call.
// All calls: context tasklet, unless they say otherwise.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "io/stream.h"
#include "kernel/select.h"
#include "net/addr.h"

struct sock;

// ---- TCP ----

// Opens a connection to a peer. 0 and *s; -ECONNREFUSED, -EHOSTUNREACH, -ETIMEDOUT.
int sock_connect(struct sock **s, const struct net_addr *peer, deadline_t d);

// Listens on a port, for IPv4 and IPv6, on all addresses. -EADDRINUSE if somebody does already.
int sock_listen(struct sock **listener, uint16_t port);

// The same with an address of ours, and with how many connections may wait to be accepted. What comes
// beyond that is refused by silence, and tries again; half-open ones give way to newer ones.
int sock_listen_on(struct sock **listener, const struct net_addr *local, unsigned backlog);

// Takes the connection that has waited longest. 0 and *s.
int sock_accept(struct sock *listener, struct sock **s, deadline_t d);

// Reads what has arrived, at least one byte: 1..n, 0 when the peer has sent all it will. n > 0.
int sock_recv(struct sock *s, void *buf, size_t n, deadline_t d);

// The same without a copy: *data points to what has arrived, as much of it as lies in one piece, until
// sock_release() says how many of its bytes were dealt with. Nothing else reads s in between. No
// buffer is held while the call waits.
int sock_borrow(struct sock *s, const void **data, deadline_t d);
void sock_release(struct sock *s, size_t n);

// Sends n bytes: returns when the last of them lies in the stack's memory. Fewer than n only if an
// error or the deadline came in between.
int sock_send(struct sock *s, const void *data, size_t n, deadline_t d);

// The same without a copy, for data that stays as it is until the peer has acknowledged it: constants
// in flash.
int sock_send_const(struct sock *s, const void *data, size_t n, deadline_t d);

// Waits until the peer has acknowledged all bytes that were sent; the end behind them (sock_shutdown) is
// none.
int sock_flush(struct sock *s, deadline_t d);

// Ends one direction or both: the peer reads 0 after what was sent before.
enum sock_direction { SOCK_RECV = 1, SOCK_SEND = 2, SOCK_BOTH = 3 };
int sock_shutdown(struct sock *s, enum sock_direction how);

// ---- UDP ----

// A socket that receives datagrams for a local address and port; NULL: any. Port 0: one that nobody
// can guess. A datagram to a multicast group is received after sock_join().
int sock_udp(struct sock **s, const struct net_addr *local);

// Receives one datagram; the part that does not fit is lost. Returns its length in buf, 0 for an empty
// one; *from may be NULL.
int sock_recv_from(struct sock *s, void *buf, size_t n, struct net_addr *from, deadline_t d);

// Sends one datagram. 0..65507 bytes, and less than the stack has memory for sending (NET_HEAP);
// -EMSGSIZE, -EHOSTUNREACH, -ENOBUFS. Waits for nothing but memory. Returns n.
int sock_send_to(struct sock *s, const void *data, size_t n, const struct net_addr *to,
                 deadline_t d);

// Joins and leaves a multicast group (IGMP, MLD).
int sock_join(struct sock *s, const struct net_addr *group);
int sock_leave(struct sock *s, const struct net_addr *group);

// ---- All ----

// Gives the socket back; NULL is ignored. A connection is closed in order, and what was sent is still
// delivered; unread data resets it, as the protocol demands. Never waits, never fails. Nobody may be
// waiting in s.
void sock_close(struct sock *s);

// Resets the connection at once, and gives the socket back.
void sock_abort(struct sock *s);

// Our end and the peer's. -ENOTCONN if there is none.
int sock_local(const struct sock *s, struct net_addr *a);
int sock_peer(const struct sock *s, struct net_addr *a);

enum sock_option {
    SOCK_NODELAY,    // 1: small pieces are sent at once (no Nagle algorithm, RFC 896). Default 0
    SOCK_KEEPALIVE,  // seconds without traffic after which the peer is probed; 0: never. Default 0
    SOCK_SEND_SPACE, // bytes that may wait to be sent or acknowledged, up to the stack's own limit
    SOCK_RECV_SPACE, // bytes that the peer may send unread (the window), up to the stack's limit; what
                     // it was offered before, it may still send
    SOCK_TTL,        // of what is sent
    SOCK_BROADCAST, // UDP: 1 allows sending to broadcast addresses. Default 0
    SOCK_MULTICAST_TTL,
};
int sock_set(struct sock *s, enum sock_option option, int value);

// Bytes that can be read without waiting (TCP; of UDP the next datagram's). Contexts: tasklet, poll.
size_t sock_available(const struct sock *s);

// For chan_select(), together with channels and serial ports: `cases[0] = sock_select_recv(s)`, then
// sock_recv() or sock_accept() with NOWAIT. Others who wait in the same socket are woken, too: who selects
// need not read.
struct select_case sock_select_recv(struct sock *s);
struct select_case sock_select_send(struct sock *s);

// Has fn(arg) called when there is something new to read in a TCP socket, data or the end of it, whether
// or not somebody waits; NULL ends that. fn runs in poll context, before readers are woken; it may use
// sock_stream_ops, whose functions never wait. For what must be noticed while nobody reads: the
// interrupt key of a terminal, a peer that hangs up. Contexts: tasklet, poll.
void sock_watch(struct sock *s, void (*fn)(void *arg), void *arg);

// A TCP socket as a stream.
extern const struct stream_ops sock_stream_ops;
static inline struct stream sock_stream(struct sock *s)
{
    return (struct stream){ &sock_stream_ops, s };
}

// SPDX-License-Identifier: MIT
//
// The inside of a socket, for the files that make one.
//
//      lwIP callback (poll context)                    tasklet
//      data -> received, wake `readable`     ---->     try_read(): copy, free, open the window
//      acknowledged, wake `writable`         ---->     try_write(): tcp_write(), tcp_output()
//      error: tcp = NULL, error, wake both   ---->     returns it once what came before is read
//
// lwIP frees a connection on its own only together with the error callback: after that `tcp` is NULL.
#pragma once

#include "drivers/ready/ready.h"
#include "kernel/wait.h"
#include "lwip/pbuf.h"
#include "lwip/tcp.h"
#include "lwip/udp.h"
#include "net/sock.h"

enum sock_kind { SOCK_TCP, SOCK_LISTENER, SOCK_UDP };

enum {
    SOCK_CONNECTED = 1, // or was
    SOCK_ENDED = 2,     // the peer has sent its last byte
    SOCK_SHUT = 4,      // we have
    SOCK_ACK_DUE = 8,   // an acknowledgement waits for the reader
    SOCK_WOKEN = 16,    // the reader was woken, and has not looked yet
    SOCK_STARVED = 32,  // there was no memory for what was to be sent
    SOCK_CLOSING = 64,  // both have said all, and what we said is not acknowledged yet
};

// A datagram that waits to be read.
struct datagram {
    struct datagram *next;
    struct pbuf *data;
    ip_addr_t from;
    uint16_t port;
};

struct sock {
    struct waitq readable, writable;
    union {
        struct tcp_pcb *tcp; // also of a listener; NULL after an error
        struct udp_pcb *udp;
    };
    union {
        struct pbuf *received;      // TCP: what has arrived, as a chain
        struct sock *accepted;      // listener: connections that wait to be accepted
        struct datagram *datagrams; // UDP
    };
    union {
        struct pbuf *last; // of the chain
        struct sock *last_accepted;
        struct datagram *last_datagram;
    };
    void (*watcher)(void *arg); // sock_watch(); NULL: nobody
    void *watcher_arg;
    struct sock *next;  // in its listener's queue
    uint32_t available; // bytes in the chain, less `skip`
    uint16_t skip;      // bytes of the first buffer that were read
    uint16_t opened;    // bytes of the window, at most, of which the peer does not know yet
    uint16_t held;      // bytes of the window that are kept from the peer: SOCK_RECV_SPACE
    uint16_t space;     // SOCK_SEND_SPACE
    int16_t error;      // negative errno: how the connection ended
    uint8_t kind;       // enum sock_kind
    uint8_t flags;      // SOCK_CONNECTED and so on
    uint8_t queued;     // datagrams; connections
};

// From the pool; NULL if all are in use.
struct sock *sock_new(enum sock_kind kind);
void sock_free(struct sock *s);

// The parts of sock_close() of each kind.
void sock_close_tcp(struct sock *s);
void sock_close_listener(struct sock *s);
void sock_close_udp(struct sock *s);

// Between tcp.c, tcp_open.c and tcp_io.c.
void sock_attach(struct sock *s, struct tcp_pcb *pcb);
void sock_detach(struct tcp_pcb *pcb);
void sock_acknowledge(struct sock *s);

// True as long as the peer has not acknowledged all bytes; that we have ended does not count.
bool sock_has_unacknowledged(const struct sock *s);

static inline bool sock_has_room(const struct sock *s)
{
    const struct tcp_pcb *pcb = s->tcp;

    return tcp_sndbuf(pcb) > TCP_SND_BUF - s->space && pcb->snd_queuelen < TCP_SND_QUEUELEN - 1;
}

int sock_set_tcp(struct sock *s, enum sock_option option, int value);
int sock_set_udp(struct sock *s, enum sock_option option, int value);

// Connections that came when all sockets were in use.
extern uint32_t sock_refused;

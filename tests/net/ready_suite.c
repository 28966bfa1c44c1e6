// SPDX-License-Identifier: MIT
//
// Several tasklets wait in one socket: who is woken, and when.
#include <errno.h>

#include "drivers/net/host.h"
#include "kernel/select.h"
#include "lwip/pbuf.h"
#include "net/net.h"
#include "net/sock.h"
#include "tests/kernel/suite.h"
#include "tests/net/peer.h"

static struct sock *listener, *ours, *theirs;

static void open_both(void)
{
    peer_open(&listener, &ours, &theirs);
}

static void close_both(void)
{
    peer_close(&listener, &ours, &theirs);
}

// ---- One of them selects ----

static void select_recv(void *sock)
{
    struct select_case cases[] = { sock_select_recv(sock) };

    note_number("selected", chan_select(cases, 1, after_ms(1000)));
}

static void recv_byte(void *sock)
{
    char byte;

    note_number("read", sock_recv(sock, &byte, 1, after_ms(1000)));
}

static void who_selects_need_not_read(void)
{
    open_both();
    worker("a", select_recv, theirs);
    worker("b", select_recv, theirs);
    worker("reader", recv_byte, theirs);
    worker("next", recv_byte, theirs);
    sleep_ms(10);
    CHECK_IS(sock_send(ours, "x", 1, after_ms(100)), 1);
    sleep_ms(10);
    CHECK_TRACE("selected0 selected0 read1");
    CHECK_IS(sock_send(ours, "y", 1, after_ms(100)), 1);
    workers_join();
    CHECK_TRACE("read1");
    close_both();
}

static void accept_one(void *sock)
{
    struct sock *s;
    int result = sock_accept(sock, &s, after_ms(1000));

    note_number("accepted", result);
    if (result == 0) {
        sock_close(s);
    }
}

static void who_selects_need_not_accept(void)
{
    struct net_addr to = peer_address(8);
    struct sock *server, *s;

    peer_pools_note();
    CHECK_IS(sock_listen(&server, 8), 0);
    worker("a", select_recv, server);
    worker("b", accept_one, server);
    sleep_ms(10);
    CHECK_IS(sock_connect(&s, &to, after_ms(100)), 0);
    workers_join();
    CHECK_TRACE("selected0 accepted0");
    sock_close(s);
    sock_close(server);
    peer_pools_rest();
}

static void recv_datagram(void *sock)
{
    char byte;

    note_number("datagram", sock_recv_from(sock, &byte, 1, NULL, after_ms(1000)));
}

static void who_selects_need_not_take_a_datagram(void)
{
    struct net_addr to = peer_address(4000), local = { .port = 4000 };
    struct sock *a, *b;

    peer_pools_note();
    CHECK_IS(sock_udp(&b, &local), 0);
    CHECK_IS(sock_udp(&a, NULL), 0);
    worker("a", select_recv, b);
    worker("b", recv_datagram, b);
    sleep_ms(10);
    CHECK_IS(sock_send_to(a, "z", 1, &to, FOREVER), 1);
    workers_join();
    CHECK_TRACE("selected0 datagram1");
    sock_close(a);
    sock_close(b);
    peer_pools_rest();
}

// ---- Room to send ----

static char data[8 * TCP_WND];

static void flush(void *sock)
{
    note_number("flushed", sock_flush(sock, after_ms(5000)));
}

static void send_more(void *sock)
{
    int n = sock_send(sock, data, TCP_SND_BUF, after_ms(5000));

    note_number("sent", n == TCP_SND_BUF);
}

static void select_send(void *sock)
{
    struct select_case cases[] = { sock_select_send(sock) };

    note_number("selected", chan_select(cases, 1, after_ms(5000)));
}

// lwIP's look, twice a second, would wake one after the other.
static void room_is_for_all_who_wait_for_it(void)
{
    static char buf[sizeof data];

    open_both();
    size_t sent = (size_t)sock_send(ours, data, sizeof data, after_ms(500));

    worker("a", select_send, ours);
    worker("b", flush, ours);
    worker("c", send_more, ours);
    sleep_ms(10);
    deadline_t limit = after_ms(400);
    size_t got = 0;

    while (got < sent + TCP_SND_BUF) {
        int n = sock_recv(theirs, buf, sizeof buf, limit);

        if (n <= 0) {
            break;
        }
        got += (size_t)n;
    }
    CHECK_IS(got, sent + TCP_SND_BUF);
    CHECK_IS(sock_flush(ours, limit), 0);
    workers_join();
    CHECK_TRACE("selected0 flushed0 sent1");
    close_both();
}

// What says that all was acknowledged is not there yet when both have said their last word.
static void a_flush_waits_though_the_peer_has_ended(void)
{
    static const struct wire_faults deaf = { .loss = 100, .delay = 100, .seed = 1 };
    static const struct wire_faults clean = WIRE_CLEAN;

    open_both();
    CHECK_IS(sock_send(ours, "last", 4, after_ms(100)), 4);
    CHECK_IS(sock_shutdown(ours, SOCK_SEND), 0);
    CHECK_IS(sock_shutdown(theirs, SOCK_SEND), 0);
    wire_set(&deaf); // from now on: acknowledgements
    sleep_ms(10);
    CHECK_IS(sock_flush(ours, after_ms(50)), -ETIMEDOUT);
    wire_set(&clean);
    CHECK_IS(sock_flush(ours, after_ms(20000)), 0);
    CHECK_IS(sock_recv(ours, data, 1, after_ms(100)), 0);
    CHECK_IS(sock_send(ours, "x", 1, after_ms(100)), -EPIPE);
    close_both();
}

static void a_flush_ends_when_both_end(void)
{
    open_both();
    CHECK_IS(sock_send(ours, "last", 4, after_ms(100)), 4);
    CHECK_IS(sock_shutdown(ours, SOCK_SEND), 0);
    CHECK_IS(sock_shutdown(theirs, SOCK_SEND), 0);
    CHECK_IS(sock_flush(ours, after_ms(20)), 0);
    CHECK_IS(sock_flush(theirs, after_ms(20)), 0);
    close_both();
}

static void a_flush_after_the_end_is_soon_over(void)
{
    open_both();
    CHECK_IS(sock_send(ours, "last", 4, after_ms(100)), 4);
    CHECK_IS(sock_shutdown(ours, SOCK_SEND), 0);
    CHECK_IS(sock_flush(ours, after_ms(260)), 0); // the acknowledgement has waited for a reader
    close_both();
    open_both();
    CHECK_IS(sock_shutdown(ours, SOCK_SEND), 0);
    CHECK_IS(sock_flush(ours, after_ms(20)), 0); // there is nothing to wait for
    close_both();
}

// ---- No memory to send ----

enum { PIECES = 4096, PIECE = 64 };

static struct pbuf *pieces[PIECES];

// False if it never ends: sanitizers see malloc's memory, which is the machine's.
static bool use_up_memory(unsigned *n)
{
    for (*n = 0; *n < PIECES; ++*n) {
        if ((pieces[*n] = pbuf_alloc(PBUF_RAW, PIECE, PBUF_RAM)) == NULL) {
            return true;
        }
    }
    return false;
}

static void give_back(unsigned n)
{
    while (n > 0) {
        pbuf_free(pieces[--n]);
    }
}

static void without_memory_select_waits(void)
{
    unsigned n;

    open_both();
    struct select_case cases[] = { sock_select_send(ours) };
    bool used_up = use_up_memory(&n);

    CHECK_IS(chan_select(cases, 1, NOWAIT), 0); // nobody knows yet
    if (used_up) {
        CHECK_IS(sock_send(ours, data, 100, NOWAIT), -EAGAIN);
        CHECK_IS(chan_select(cases, 1, NOWAIT), -EAGAIN);
        CHECK_IS(chan_select(cases, 1, after_ms(50)), -ETIMEDOUT);
    }
    give_back(n);
    CHECK_IS(chan_select(cases, 1, after_ms(1000)), 0);
    CHECK_IS(sock_send(ours, data, 100, NOWAIT), 100);
    close_both();
}

int main(void)
{
    static const struct suite_case cases[] = {
        CASE(who_selects_need_not_read),
        CASE(who_selects_need_not_accept),
        CASE(who_selects_need_not_take_a_datagram),
        CASE(room_is_for_all_who_wait_for_it),
        CASE(a_flush_waits_though_the_peer_has_ended),
        CASE(a_flush_ends_when_both_end),
        CASE(a_flush_after_the_end_is_soon_over),
        CASE(without_memory_select_waits),
    };

    peer_start();
    SUITE_RUN("ready", cases);
}

// SPDX-License-Identifier: MIT
//
// Sockets: what each call promises, with the stack talking to itself over the mirror.
#include "net/sock.h"

#include <errno.h>
#include <string.h>

#include "kernel/chan.h"
#include "kernel/select.h"
#include "net/dns.h"
#include "net/lwip/lwipopts.h"
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

static void bytes_go_both_ways(void)
{
    char buf[32];

    open_both();
    CHECK_IS(sock_send(ours, "hello", 5, after_ms(1000)), 5);
    CHECK_IS(sock_recv(theirs, buf, sizeof buf, after_ms(1000)), 5);
    CHECK(memcmp(buf, "hello", 5) == 0);
    CHECK_IS(sock_send(theirs, "world!", 6, after_ms(1000)), 6);
    CHECK_IS(sock_recv(ours, buf, 2, after_ms(1000)), 2);
    CHECK_IS(sock_available(ours), 4);
    CHECK_IS(sock_recv(ours, buf, sizeof buf, after_ms(1000)), 4);
    CHECK(memcmp(buf, "rld!", 4) == 0);
    close_both();
}

static void both_know_their_ends(void)
{
    struct net_addr a, b;
    char text[NET_ADDR_TEXT];

    open_both();
    CHECK_IS(sock_peer(ours, &a), 0);
    CHECK(strcmp(net_addr_text(&a, text), "10.9.0.77:7") == 0);
    CHECK_IS(sock_local(theirs, &a), 0);
    CHECK(strcmp(net_addr_text(&a, text), "10.9.0.2:7") == 0);
    CHECK_IS(sock_local(ours, &a), 0);
    CHECK_IS(sock_peer(theirs, &b), 0);
    CHECK(a.port == b.port && a.port >= 49152);
    CHECK_IS(sock_peer(listener, &a), -ENOTCONN);
    close_both();
}

static void the_end_is_read_after_the_data(void)
{
    char buf[8];

    open_both();
    CHECK_IS(sock_send(ours, "last", 4, after_ms(1000)), 4);
    CHECK_IS(sock_shutdown(ours, SOCK_SEND), 0);
    CHECK_IS(sock_send(ours, "x", 1, after_ms(1000)), -EPIPE);
    CHECK_IS(sock_recv(theirs, buf, sizeof buf, after_ms(1000)), 4);
    CHECK_IS(sock_recv(theirs, buf, sizeof buf, after_ms(1000)), 0);
    CHECK_IS(sock_recv(theirs, buf, sizeof buf, after_ms(1000)), 0);
    CHECK_IS(sock_send(theirs, "still", 5, after_ms(1000)), 5); // the other way is open
    CHECK_IS(sock_recv(ours, buf, sizeof buf, after_ms(1000)), 5);
    close_both();
}

// What remains of a connection is lwIP's alone then, and vanishes without a word.
static void both_ends_are_shut_and_kept(void)
{
    struct net_addr a;
    char buf[8];

    open_both();
    CHECK_IS(sock_send(theirs, "bye", 3, after_ms(1000)), 3);
    CHECK_IS(sock_shutdown(ours, SOCK_SEND), 0);
    sleep_ms(10);
    CHECK_IS(sock_shutdown(theirs, SOCK_SEND), 0);
    sleep_ms(60000);
    CHECK_IS(sock_recv(ours, buf, sizeof buf, after_ms(1000)), 3);
    CHECK_IS(sock_recv(ours, buf, sizeof buf, after_ms(1000)), 0);
    CHECK_IS(sock_send(ours, "x", 1, after_ms(1000)), -EPIPE);
    CHECK_IS(sock_recv(theirs, buf, sizeof buf, after_ms(1000)), 0);
    CHECK_IS(sock_send(theirs, "x", 1, after_ms(1000)), -EPIPE);
    CHECK_IS(sock_peer(ours, &a), -ENOTCONN);
    CHECK_IS(sock_set(ours, SOCK_TTL, 3), -ENOTCONN);
    CHECK_IS(sock_flush(ours, after_ms(1000)), 0);
    CHECK(sock_shutdown(ours, SOCK_SEND) < 0);
    close_both();
    open_both(); // both at once
    CHECK_IS(sock_shutdown(ours, SOCK_SEND), 0);
    CHECK_IS(sock_shutdown(theirs, SOCK_SEND), 0);
    sleep_ms(60000);
    CHECK_IS(sock_recv(ours, buf, sizeof buf, after_ms(1000)), 0);
    CHECK_IS(sock_recv(theirs, buf, sizeof buf, after_ms(1000)), 0);
    close_both();
}

static void the_last_to_close_is_acknowledged(void)
{
    open_both();
    CHECK_IS(sock_shutdown(ours, SOCK_SEND), 0);
    sleep_ms(10);
    CHECK_IS(sock_send(theirs, "bye", 3, after_ms(100)), 3);
    CHECK_IS(sock_shutdown(theirs, SOCK_SEND), 0);
    CHECK_IS(sock_flush(theirs, after_ms(1000)), 0);
    CHECK_IS(sock_send(theirs, "x", 1, after_ms(100)), -EPIPE);
    CHECK_IS(sock_flush(theirs, after_ms(1000)), 0);
    close_both();
}

static void a_reset_comes_after_the_data(void)
{
    char buf[8];

    open_both();
    CHECK_IS(sock_send(ours, "last", 4, after_ms(1000)), 4);
    sleep_ms(10);
    sock_abort(ours);
    ours = NULL;
    sleep_ms(10);
    CHECK_IS(sock_recv(theirs, buf, sizeof buf, after_ms(1000)), 4);
    CHECK_IS(sock_recv(theirs, buf, sizeof buf, after_ms(1000)), -ECONNRESET);
    CHECK_IS(sock_send(theirs, "x", 1, after_ms(1000)), -ECONNRESET);
    CHECK_IS(sock_shutdown(theirs, SOCK_SEND), -ECONNRESET);
    CHECK_IS(sock_set(theirs, SOCK_NODELAY, 1), -ENOTCONN);
    close_both();
}

static void unread_data_resets(void)
{
    char buf[8];

    open_both();
    CHECK_IS(sock_send(ours, "unread", 6, after_ms(1000)), 6);
    sleep_ms(10);
    sock_close(theirs);
    theirs = NULL;
    CHECK_IS(sock_recv(ours, buf, sizeof buf, after_ms(1000)), -ECONNRESET);
    close_both();
}

static void what_was_sent_arrives_after_close(void)
{
    static uint8_t buf[3 * 1460];
    uint32_t got = 0;
    int n;

    open_both();
    for (uint32_t i = 0; i < sizeof buf; i++) {
        buf[i] = peer_byte(i);
    }
    CHECK_IS(sock_send(ours, buf, sizeof buf, after_ms(1000)), sizeof buf);
    sock_close(ours);
    ours = NULL;
    while ((n = sock_recv(theirs, buf, 1000, after_ms(1000))) > 0) {
        for (int i = 0; i < n; i++) {
            CHECK(buf[i] == peer_byte(got));
            got++;
        }
    }
    CHECK_IS(n, 0);
    CHECK_IS(got, sizeof buf);
    close_both();
}

static void nobody_listens(void)
{
    struct net_addr to = peer_address(9);
    struct sock *s;

    peer_pools_note();
    CHECK_IS(sock_connect(&s, &to, after_ms(5000)), -ECONNREFUSED);
    to.port = 0;
    CHECK_IS(sock_connect(&s, &to, after_ms(5000)), -EINVAL);
    peer_pools_rest();
}

static void nobody_answers(void)
{
    static const struct wire_faults deaf = { .loss = 100, .delay = 100, .seed = 1 };
    static const struct wire_faults clean = WIRE_CLEAN;
    struct net_addr to = peer_address(7);
    struct sock *s;
    deadline_t limit = after_ms(700);

    peer_pools_note();
    wire_set(&deaf);
    CHECK_IS(sock_connect(&s, &to, limit), -ETIMEDOUT);
    CHECK(suite_on_time(limit));
    CHECK_IS(sock_connect(&s, &to, FOREVER), -ETIMEDOUT); // lwIP gives up by itself
    wire_set(&clean);
    peer_pools_rest();
}

static void the_peer_vanishes(void)
{
    static const struct wire_faults deaf = { .loss = 100, .delay = 100, .seed = 1 };
    static const struct wire_faults clean = WIRE_CLEAN;
    char byte;

    open_both();
    CHECK_IS(sock_set(ours, SOCK_KEEPALIVE, 5), 0);
    wire_set(&deaf);
    CHECK_IS(sock_recv(ours, &byte, 1, FOREVER), -ECONNABORTED);
    CHECK_IS(sock_send(theirs, "x", 1, FOREVER), 1);
    CHECK_IS(sock_recv(theirs, &byte, 1, FOREVER), -ECONNABORTED); // no acknowledgement, ever
    wire_set(&clean);
    close_both();
}

static void deadlines_and_nowait(void)
{
    struct sock *s;
    char byte;
    deadline_t limit;

    open_both();
    CHECK_IS(sock_recv(ours, &byte, 1, NOWAIT), -EAGAIN);
    limit = after_ms(20);
    CHECK_IS(sock_recv(ours, &byte, 1, limit), -ETIMEDOUT);
    CHECK(suite_on_time(limit));
    CHECK_IS(sock_accept(listener, &s, NOWAIT), -EAGAIN);
    limit = after_ms(20);
    CHECK_IS(sock_accept(listener, &s, limit), -ETIMEDOUT);
    CHECK(suite_on_time(limit));
    CHECK_IS(sock_send(theirs, "y", 1, NOWAIT), 1);
    CHECK_IS(sock_recv(ours, &byte, 1, limit), -ETIMEDOUT); // not there yet
    CHECK_IS(sock_recv(ours, &byte, 1, after_ms(20)), 1);
    close_both();
}

static void a_full_window_holds_the_sender(void)
{
    static uint8_t data[8 * TCP_WND], buf[1000];
    uint32_t sent = 0, got = 0;
    int n;

    open_both();
    for (uint32_t i = 0; i < sizeof data; i++) {
        data[i] = peer_byte(i);
    }
    n = sock_send(ours, data, sizeof data, after_ms(500));
    CHECK(n >= TCP_WND && n <= TCP_WND + TCP_SND_BUF);
    sent = (uint32_t)n;
    CHECK_IS(sock_send(ours, data, 1, after_ms(20)), -ETIMEDOUT);
    CHECK_IS(sock_send(ours, data, 1, NOWAIT), -EAGAIN);
    CHECK_IS(sock_flush(ours, after_ms(20)), -ETIMEDOUT);
    while (got < sent) {
        n = sock_recv(theirs, buf, sizeof buf, after_ms(1000));
        CHECK(n > 0);
        for (int i = 0; i < n; i++) {
            CHECK(buf[i] == peer_byte(got));
            got++;
        }
    }
    CHECK_IS(sock_flush(ours, after_ms(1000)), 0);
    close_both();
}

static void borrow_and_release(void)
{
    const void *data;

    open_both();
    CHECK_IS(sock_borrow(theirs, &data, NOWAIT), -EAGAIN);
    CHECK_IS(sock_borrow(theirs, &data, after_ms(10)), -ETIMEDOUT);
    CHECK_IS(sock_send_const(ours, "constant", 8, after_ms(1000)), 8);
    CHECK_IS(sock_borrow(theirs, &data, after_ms(1000)), 8);
    CHECK(memcmp(data, "constant", 8) == 0);
    sock_release(theirs, 3);
    CHECK_IS(sock_borrow(theirs, &data, NOWAIT), 5);
    CHECK(memcmp(data, "stant", 5) == 0);
    sock_release(theirs, 5);
    CHECK_IS(sock_borrow(theirs, &data, NOWAIT), -EAGAIN);
    sock_shutdown(ours, SOCK_SEND);
    CHECK_IS(sock_borrow(theirs, &data, after_ms(1000)), 0);
    close_both();
}

// ---- Cancelling ----

static struct {
    int result;
    int (*call)(void);
} cancelled;

static int call_recv(void)
{
    char byte;

    return sock_recv(ours, &byte, 1, FOREVER);
}

static int call_accept(void)
{
    struct sock *s;

    return sock_accept(listener, &s, FOREVER);
}

static int call_send(void)
{
    static const char data[16 * TCP_WND];
    int n = sock_send(ours, data, sizeof data, FOREVER);

    return n > 0 ? -ECANCELED : n; // what moved is told first
}

static int call_connect(void)
{
    struct net_addr nobody = net_ipv4(10, 9, 0, 2, 9999); // ourselves: refused, so not that one
    struct sock *s;
    static const struct wire_faults deaf = { .loss = 100, .delay = 100, .seed = 1 };

    nobody.bytes[3] = 78;
    wire_set(&deaf);
    return sock_connect(&s, &nobody, FOREVER);
}

static void do_call(void *unused)
{
    (void)unused;
    cancelled.result = cancelled.call();
}

static void waits_are_cancelled(void)
{
    static int (*const calls[])(void) = { call_recv, call_accept, call_send, call_connect };
    static const struct wire_faults clean = WIRE_CLEAN;

    open_both();
    for (size_t i = 0; i < sizeof calls / sizeof calls[0]; i++) {
        cancelled.call = calls[i];
        struct tasklet *t = worker("caller", do_call, NULL);

        sleep_ms(50);
        CHECK_IS(tasklet_cancel(t), 0);
        worker_join(t);
        CHECK_IS(cancelled.result, -ECANCELED);
    }
    wire_set(&clean);
    close_both();
}

// ---- Select ----

static CHAN(numbers, int, 1);

static void sockets_and_channels_in_one_select(void)
{
    int number = 0;
    char byte;

    open_both();
    struct select_case cases[] = { SELECT_RECV(&numbers, &number), sock_select_recv(theirs),
                                   sock_select_recv(listener) };

    CHECK_IS(chan_select(cases, 3, after_ms(10)), -ETIMEDOUT);
    sock_send(ours, "z", 1, FOREVER);
    CHECK_IS(chan_select(cases, 3, after_ms(1000)), 1);
    CHECK_IS(chan_select(cases, 3, after_ms(1000)), 1); // it is still there
    CHECK_IS(sock_recv(theirs, &byte, 1, NOWAIT), 1);
    CHECK_IS(chan_select(cases, 3, NOWAIT), -EAGAIN);
    number = 5;
    chan_send(&numbers, &number, FOREVER);
    CHECK_IS(chan_select(cases, 3, after_ms(1000)), 0);
    close_both();
}

// ---- Many ----

enum { CROWD = 40, BACKLOG = 4 };

static void more_than_wait_to_be_accepted(void)
{
    struct net_addr to = peer_address(80), any = { .port = 80 };
    struct sock *clients[CROWD], *s;
    unsigned connected = 0, accepted = 0;

    peer_pools_note();
    CHECK_IS(sock_listen_on(&listener, &any, BACKLOG), 0);
    for (unsigned i = 0; i < CROWD; i++) {
        if (sock_connect(&s, &to, after_ms(100)) == 0) {
            clients[connected++] = s;
        }
    }
    CHECK(connected >= BACKLOG && connected < CROWD);
    while (sock_accept(listener, &s, after_ms(100)) == 0) {
        accepted++;
        sock_close(s);
    }
    CHECK(accepted >= connected);
    while (connected > 0) {
        sock_close(clients[--connected]);
    }
    sock_close(listener);
    peer_pools_rest();
}

static void a_port_is_taken_and_free_again(void)
{
    struct sock *a, *b;

    peer_pools_note();
    CHECK_IS(sock_listen(&a, 443), 0);
    CHECK_IS(sock_listen(&b, 443), -EADDRINUSE);
    sock_close(a);
    CHECK_IS(sock_listen(&b, 443), 0);
    sock_close(b);
    peer_pools_rest();
}

static void a_listener_closes_with_callers_waiting(void)
{
    struct net_addr to = peer_address(7);
    char byte;

    peer_pools_note();
    CHECK_IS(sock_listen(&listener, 7), 0);
    CHECK_IS(sock_connect(&ours, &to, after_ms(1000)), 0);
    sleep_ms(10);
    sock_close(listener);
    CHECK_IS(sock_recv(ours, &byte, 1, after_ms(1000)), -ECONNRESET);
    sock_close(ours);
    peer_pools_rest();
}

// Sockets run out: the call says so, and lives that are there go on.
static void all_sockets_are_in_use(void)
{
    static struct sock *all[NET_CONNECTIONS + NET_LISTENERS + NET_UDP];
    unsigned n = 0;
    struct sock *s;
    char byte;

    open_both();
    while (sock_udp(&s, NULL) == 0) {
        all[n++] = s;
    }
    CHECK(n >= NET_UDP);
    CHECK_IS(sock_udp(&s, NULL), -ENOBUFS);
    CHECK_IS(sock_send(ours, "a", 1, after_ms(1000)), 1);
    CHECK_IS(sock_recv(theirs, &byte, 1, after_ms(1000)), 1);
    while (n > 0) {
        sock_close(all[--n]);
    }
    close_both();
}

static void our_own_address(void)
{
    struct net_addr to = net_ipv4(10, 9, 0, 2, 7);
    char buf[8];

    peer_pools_note();
    CHECK_IS(sock_listen(&listener, 7), 0);
    int result = sock_connect(&ours, &to, after_ms(100));

    CHECK_IS(result, 0);
    if (result == 0) {
        CHECK_IS(sock_accept(listener, &theirs, after_ms(100)), 0);
        CHECK_IS(sock_send(ours, "self", 4, after_ms(100)), 4);
        CHECK_IS(sock_recv(theirs, buf, sizeof buf, after_ms(100)), 4);
    }
    close_both();
}

// ---- UDP ----

static void datagrams(void)
{
    struct net_addr server = peer_address(4000), from, local = { .port = 4000 };
    struct sock *a, *b;
    static uint8_t big[3000], buf[3000];
    static const uint8_t longest[65508];

    peer_pools_note();
    CHECK_IS(sock_udp(&b, &local), 0);
    CHECK_IS(sock_udp(&a, NULL), 0);
    CHECK_IS(sock_send_to(a, "ping", 4, &server, FOREVER), 4);
    CHECK_IS(sock_recv_from(b, buf, sizeof buf, &from, after_ms(100)), 4);
    CHECK(memcmp(buf, "ping", 4) == 0 && from.bytes[3] == 77);
    CHECK_IS(sock_send_to(b, "", 0, &from, FOREVER), 0);
    CHECK_IS(sock_recv_from(a, buf, sizeof buf, NULL, after_ms(100)), 0);
    for (unsigned i = 0; i < sizeof big; i++) {
        big[i] = peer_byte(i);
    }
    CHECK_IS(sock_send_to(a, big, sizeof big, &server, FOREVER), sizeof big); // in fragments
    CHECK_IS(sock_recv_from(b, buf, sizeof buf, NULL, after_ms(100)), sizeof big);
    CHECK(memcmp(buf, big, sizeof big) == 0);
    CHECK_IS(sock_send_to(a, "truncated", 9, &server, FOREVER), 9);
    CHECK_IS(sock_recv_from(b, buf, 5, NULL, after_ms(100)), 5);
    CHECK_IS(sock_recv_from(b, buf, 5, NULL, NOWAIT), -EAGAIN);
    CHECK_IS(sock_recv_from(b, buf, 5, NULL, after_ms(5)), -ETIMEDOUT);
    CHECK_IS(sock_send_to(a, longest, 65508, &server, FOREVER), -EMSGSIZE);
    CHECK_IS(sock_send_to(a, longest, 65507, &server, FOREVER),
             NET_HEAP > 70000 ? 65507 : -EMSGSIZE); // it would wait for ever
    CHECK_IS(sock_recv(a, buf, 1, FOREVER), -EINVAL);
    sock_close(a);
    sock_close(b);
    peer_pools_rest();
}

static void broadcast_wants_permission(void)
{
    struct net_addr all = net_ipv4(255, 255, 255, 255, 4000);
    struct sock *s;

    CHECK_IS(sock_udp(&s, NULL), 0);
    CHECK(sock_send_to(s, "x", 1, &all, FOREVER) < 0);
    CHECK_IS(sock_set(s, SOCK_BROADCAST, 1), 0);
    CHECK_IS(sock_send_to(s, "x", 1, &all, FOREVER), 1);
    CHECK_IS(sock_set(s, SOCK_NODELAY, 1), -EINVAL);
    sock_close(s);
}

static void groups_are_joined(void)
{
    struct net_addr group = net_ipv4(239, 1, 2, 3, 0), one = net_ipv4(10, 9, 0, 9, 0), six;
    struct sock *s;

    CHECK_IS(net_addr_parse(&six, "ff02::1234", 0), 0);
    CHECK_IS(sock_udp(&s, NULL), 0);
    CHECK_IS(sock_join(s, &one), -EINVAL);
    CHECK_IS(sock_join(s, &group), 0);
    CHECK_IS(sock_leave(s, &group), 0);
    CHECK_IS(sock_join(s, &six), 0);
    CHECK_IS(sock_leave(s, &six), 0);
    sock_close(s);
}

// ---- IPv6, names, addresses ----

static void the_same_over_ipv6(void)
{
    struct net_addr to, from;
    char buf[8];

    peer_pools_note();
    CHECK_IS(net_addr_parse(&to, "[fe80::77]:7", 0), 0);
    CHECK_IS(sock_listen(&listener, 7), 0);
    CHECK_IS(sock_connect(&ours, &to, after_ms(3000)), 0);
    CHECK_IS(sock_accept(listener, &theirs, after_ms(1000)), 0);
    CHECK_IS(sock_peer(theirs, &from), 0);
    CHECK_IS(from.family, NET_IPV6);
    CHECK_IS(sock_send(ours, "six", 3, after_ms(1000)), 3);
    CHECK_IS(sock_recv(theirs, buf, sizeof buf, after_ms(1000)), 3);
    close_both();
}

// Answers one question: 10.9.0.99 for a name that begins with 'g', "no such name" for others.
static void name_server(void *sock)
{
    uint8_t q[256];
    struct net_addr from;
    int n;

    while ((n = sock_recv_from(sock, q, 200, &from, FOREVER)) > 12) {
        static const uint8_t answer[] = { 0xC0, 12, 0, 1, 0, 1, 0, 0, 14, 16, 0, 4, 10, 9, 0, 99 };
        bool good = q[13] == 'g';

        if (q[13] == 's') {
            continue; // silence
        }
        q[2] = 0x81;
        q[3] = good ? 0x80 : 0x83;
        q[7] = good;
        memcpy(q + n, answer, sizeof answer);
        sock_send_to(sock, q, (size_t)n + (good ? sizeof answer : 0), &from, FOREVER);
    }
    sock_close(sock);
}

static void names_have_addresses(void)
{
    struct net_addr a, local = { .port = 53 };
    char text[NET_ADDR_TEXT];
    struct sock *s;
    deadline_t limit;

    CHECK_IS(sock_udp(&s, &local), 0);
    struct tasklet *t = worker("names", name_server, s);

    CHECK_IS(dns_lookup("192.0.2.7", 80, DNS_EITHER, &a, FOREVER), 0);
    CHECK(strcmp(net_addr_text(&a, text), "192.0.2.7:80") == 0);
    CHECK_IS(dns_lookup("good.example", 80, DNS_IPV4, &a, after_ms(5000)), 0);
    CHECK(strcmp(net_addr_text(&a, text), "10.9.0.99:80") == 0);
    CHECK_IS(dns_lookup("good.example", 81, DNS_IPV4, &a, NOWAIT), 0); // it is remembered
    sleep_ms(2 * 3600 * 1000);                                         // but not for ever
    CHECK_IS(dns_lookup("good.example", 81, DNS_IPV4, &a, NOWAIT), -EAGAIN);
    CHECK_IS(dns_lookup("good.example", 81, DNS_IPV4, &a, after_ms(5000)), 0);
    CHECK_IS(dns_lookup("bad.example", 80, DNS_IPV4, &a, after_ms(60000)), -ENOENT);
    limit = after_ms(100);
    CHECK_IS(dns_lookup("silent.example", 80, DNS_IPV4, &a, limit), -ETIMEDOUT);
    CHECK(suite_on_time(limit));
    sleep_ms(60000); // its answer, or its end, comes when nobody waits any more
    tasklet_cancel(t);
    worker_join(t);
}

static void addresses_as_text(void)
{
    static const struct {
        const char *text, *again;
    } good[] = {
        { "192.0.2.1", "192.0.2.1" },
        { "192.0.2.1:80", "192.0.2.1:80" },
        { "[2001:db8::1]", "2001:db8::1" },
        { "[2001:db8::1]:65535", "[2001:db8::1]:65535" },
        { "::1", "::1" },
    };
    static const char *const bad[] = { "",           ":80",  "192.0.2", "1.2.3.4:", "1.2.3.4:65536",
                                       "1.2.3.4:8x", "[::1", "[::1]x",  "::g",      "name" };
    struct net_addr a;
    char text[NET_ADDR_TEXT];

    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        CHECK_IS(net_addr_parse(&a, good[i].text, 0), 0);
        net_addr_text(&a, text);
        for (char *p = text; *p != '\0'; p++) {
            *p = *p >= 'A' && *p <= 'F' ? (char)(*p + 32) : *p;
        }
        CHECK(strcmp(text, good[i].again) == 0);
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        CHECK_IS(net_addr_parse(&a, bad[i], 0), -EINVAL);
    }
}

int main(void)
{
    static const struct suite_case cases[] = {
        CASE(addresses_as_text),
        CASE(bytes_go_both_ways),
        CASE(both_know_their_ends),
        CASE(the_end_is_read_after_the_data),
        CASE(both_ends_are_shut_and_kept),
        CASE(the_last_to_close_is_acknowledged),
        CASE(a_reset_comes_after_the_data),
        CASE(unread_data_resets),
        CASE(what_was_sent_arrives_after_close),
        CASE(nobody_listens),
        CASE(nobody_answers),
        CASE(the_peer_vanishes),
        CASE(deadlines_and_nowait),
        CASE(a_full_window_holds_the_sender),
        CASE(borrow_and_release),
        CASE(waits_are_cancelled),
        CASE(sockets_and_channels_in_one_select),
        CASE(more_than_wait_to_be_accepted),
        CASE(a_port_is_taken_and_free_again),
        CASE(a_listener_closes_with_callers_waiting),
        CASE(our_own_address),
        CASE(all_sockets_are_in_use),
        CASE(datagrams),
        CASE(broadcast_wants_permission),
        CASE(groups_are_joined),
        CASE(the_same_over_ipv6),
        CASE(names_have_addresses),
    };

    peer_start();
    SUITE_RUN("sock", cases);
}

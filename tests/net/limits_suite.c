// SPDX-License-Identifier: MIT
//
// What a peer may hold of ours, and for how long: buffers, sockets, connections.
#include <errno.h>
#include <string.h>

#include "drivers/net/host.h"
#include "kernel/group.h"
#include "kernel/panic.h"
#include "lwip/memp.h"
#include "lwip/pbuf.h"
#include "lwip/stats.h"
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

// What the peer may send unread is little, and still it goes on.
static void small_windows_open_again(void)
{
    static const int spaces[] = { 1, 100, 500, 1460, 2000, 2919, 3000 };
    static uint8_t data[20000], buf[sizeof data];

    for (uint32_t i = 0; i < sizeof data; i++) {
        data[i] = peer_byte(i);
    }
    for (size_t i = 0; i < sizeof spaces / sizeof spaces[0]; i++) {
        size_t space = (size_t)spaces[i], sent = 0, got = 0;
        int n;

        open_both();
        CHECK_IS(sock_set(ours, SOCK_NODELAY, 1), 0);
        CHECK_IS(sock_set(theirs, SOCK_RECV_SPACE, spaces[i]), 0);
        // A sender of whole segments waits a second and more before it sends less than one.
        deadline_t limit = after_ms(space < 1460 ? 200000 : 3000);

        while (got < sizeof data) {
            size_t part = sizeof data - sent < space ? sizeof data - sent : space;

            if (part > 0 && (n = sock_send(ours, data + sent, part, NOWAIT)) > 0) {
                sent += (size_t)n;
            }
            sleep_ms(1);
            if (got > TCP_WND + 1460) {
                CHECK(sock_available(theirs) <= space);
            }
            if ((n = sock_recv(theirs, buf + got, sizeof buf - got, limit)) <= 0) {
                break;
            }
            got += (size_t)n;
            if (space == 1 && got > 2 * TCP_WND) {
                break;
            }
        }
        CHECK(n > 0);
        CHECK(memcmp(buf, data, got) == 0);
        close_both();
    }
}

static unsigned buffers_used(void)
{
    struct net_pool p;

    for (unsigned i = 0; net_pool(i, &p); i++) {
        if (strcmp(p.name, "buffers") == 0) {
            return p.used;
        }
    }
    return 0;
}

// Nobody holds more buffers than his bytes need by sending them one by one.
static void crumbs_share_buffers(void)
{
    enum { CRUMBS = 1000 };
    uint8_t buf[32];
    const void *data;
    uint32_t got = 0;
    int n;

    open_both();
    unsigned before = buffers_used();

    CHECK_IS(sock_set(ours, SOCK_NODELAY, 1), 0);
    for (uint32_t i = 0; i < CRUMBS; i++) {
        uint8_t crumb = peer_byte(i);

        CHECK_IS(sock_send(ours, &crumb, 1, after_ms(1000)), 1);
        sleep_ms(1);
        if (i == 0) {
            CHECK_IS(sock_borrow(theirs, &data, after_ms(1000)), 1);
        }
    }
    sleep_ms(300);
    CHECK(buffers_used() <= before + 3);
    CHECK_IS(sock_available(theirs), CRUMBS);
    CHECK_IS(*(const uint8_t *)data, peer_byte(0));
    sock_release(theirs, 1);
    for (got = 1; got < CRUMBS; got += (uint32_t)n) {
        n = sock_recv(theirs, buf, sizeof buf, after_ms(1000));
        if (n <= 0) {
            break;
        }
        for (uint32_t i = 0; i < (uint32_t)n; i++) {
            CHECK(buf[i] == peer_byte(got + i));
        }
    }
    CHECK_IS(got, CRUMBS);
    close_both();
}

static unsigned to_lose;

static bool lose_some(void *unused, const uint8_t *frame, size_t n)
{
    (void)unused;
    (void)frame;
    return n > 500 && to_lose > 0 && to_lose-- > 0;
}

// When no buffer is left, what arrived behind a gap makes room for what fills it.
static void a_gap_can_be_filled_without_buffers(void)
{
    static struct pbuf *all[PBUF_POOL_SIZE];
    static uint8_t data[3 * 1460];
    unsigned n = 0, got = 0;
    int m;

    open_both();
    to_lose = 1;
    net_host_hook(lose_some, NULL);
    CHECK_IS(sock_send(ours, data, sizeof data, after_ms(1000)), sizeof data);
    sleep_ms(20);
    while (n < PBUF_POOL_SIZE && (all[n] = pbuf_alloc(PBUF_RAW, 1, PBUF_POOL)) != NULL) {
        n++;
    }
    while (got < sizeof data && (m = sock_recv(theirs, data, sizeof data, after_ms(10000))) > 0) {
        got += (unsigned)m;
    }
    CHECK_IS(got, sizeof data);
    net_host_hook(NULL, NULL);
    while (n > 0) {
        pbuf_free(all[--n]);
    }
    close_both();
}

enum { CALLS = 40, BACKLOG = 4 };

static void callers_reset_before_they_are_accepted(void)
{
    struct net_addr to = peer_address(80), any = { .port = 80 };
    struct net_pool p, before;
    struct sock *s;
    unsigned i = 0, accepted = 0;
    char byte;

    peer_pools_note();
    CHECK_IS(sock_listen_on(&listener, &any, BACKLOG), 0);
    while (net_pool(i, &before) && strcmp(before.name, "sockets") != 0) {
        i++;
    }
    for (unsigned n = 0; n < CALLS; n++) {
        CHECK_IS(sock_connect(&s, &to, after_ms(1000)), 0);
        CHECK_IS(sock_send(s, "x", 1, after_ms(1000)), 1);
        sleep_ms(10);
        sock_abort(s);
        sleep_ms(10);
    }
    CHECK(net_pool(i, &p) && p.used <= before.used + BACKLOG);
    CHECK_IS(sock_connect(&ours, &to, after_ms(1000)), 0);
    CHECK_IS(sock_send(ours, "y", 1, after_ms(1000)), 1);
    sleep_ms(10);
    while (sock_accept(listener, &s, after_ms(100)) == 0) {
        CHECK_IS(sock_recv(s, &byte, 1, NOWAIT), 1);
        accepted += byte == 'y';
        sock_close(s);
    }
    CHECK_IS(accepted, 1);
    sock_close(ours);
    sock_close(listener);
    peer_pools_rest();
}

// The peer does not read, and answers all probes.
static void a_closed_connection_ends_some_day(void)
{
    static const uint8_t data[TCP_WND + TCP_SND_BUF];
    static uint8_t buf[TCP_WND];

    open_both();
    CHECK_IS(sock_send(theirs, data, sizeof data, after_ms(1000)), sizeof data);
    sock_close(theirs);
    theirs = NULL;
    sleep_ms(60000);
    CHECK_IS(sock_recv(ours, buf, sizeof buf, after_ms(1000)), TCP_WND); // it had time
    sleep_ms(1000);
    CHECK(sock_available(ours) > 0);
    sleep_ms(90000);
    CHECK_IS(sock_recv(ours, buf, sizeof buf, after_ms(1000)), TCP_WND);
    close_both();
    open_both();
    CHECK_IS(sock_send(theirs, data, sizeof data, after_ms(1000)), sizeof data);
    sock_close(theirs);
    theirs = NULL;
    sleep_ms(200000);
    CHECK_IS(sock_recv(ours, buf, sizeof buf, after_ms(1000)), TCP_WND);
    CHECK_IS(sock_recv(ours, buf, sizeof buf, after_ms(1000)), -ECONNRESET);
    close_both();
}

// Keeps the fragments of IPv6 but the first from the wire.
static bool lose_the_rest(void *unused, const uint8_t *frame, size_t n)
{
    enum { NEXT = 14 + 6, OFFSET = 14 + 40 + 2, FRAGMENT = 44 };

    (void)unused;
    return n > OFFSET + 1 && frame[12] == 0x86 && frame[13] == 0xDD && frame[NEXT] == FRAGMENT &&
           (frame[OFFSET] != 0 || (frame[OFFSET + 1] & 0xF8) != 0);
}

static void fragments_of_ipv6(void)
{
    struct net_addr server, local = { .port = 4000 };
    struct sock *a, *b;
    static uint8_t big[3000], buf[3000];
    const struct stats_mem *in_parts = lwip_stats.memp[MEMP_IP6_REASSDATA];

    for (unsigned i = 0; i < sizeof big; i++) {
        big[i] = peer_byte(i);
    }
    peer_pools_note();
    CHECK_IS(net_addr_parse(&server, "[fe80::77]:4000", 0), 0);
    CHECK_IS(sock_udp(&b, &local), 0);
    CHECK_IS(sock_udp(&a, NULL), 0);
    CHECK_IS(sock_send_to(a, big, sizeof big, &server, FOREVER), sizeof big);
    CHECK_IS(sock_recv_from(b, buf, sizeof buf, NULL, after_ms(1000)), sizeof big);
    CHECK(memcmp(buf, big, sizeof big) == 0);
    net_host_hook(lose_the_rest, NULL);
    CHECK_IS(sock_send_to(a, big, sizeof big, &server, FOREVER), sizeof big);
    CHECK_IS(sock_recv_from(b, buf, sizeof buf, NULL, after_ms(1000)), -ETIMEDOUT);
    net_host_hook(NULL, NULL);
    CHECK_IS(in_parts->used, 1);
    sleep_ms(70000);
    CHECK_IS(in_parts->used, 0); // what never becomes complete is given up
    sock_close(a);
    sock_close(b);
    peer_pools_rest();
}

static void datagrams_leave_buffers_to_others(void)
{
    static uint8_t big[20000];
    struct net_addr server = peer_address(4000), local = { .port = 4000 };
    struct sock *a, *b;
    unsigned before = buffers_used(), received = 0;

    peer_pools_note();
    CHECK_IS(sock_udp(&b, &local), 0);
    CHECK_IS(sock_udp(&a, NULL), 0);
    for (unsigned i = 0; i < 16; i++) {
        CHECK_IS(sock_send_to(a, big, sizeof big, &server, FOREVER), sizeof big);
        sleep_ms(5);
    }
    sleep_ms(30000); // so that incomplete ones are given up
    CHECK(buffers_used() <= before + NET_BUFFERS / 2);
    while (sock_recv_from(b, big, sizeof big, NULL, NOWAIT) == sizeof big) {
        received++;
    }
    CHECK(received > 1);
    CHECK_IS(sock_send_to(a, big, sizeof big, &server, FOREVER), sizeof big);
    CHECK_IS(sock_recv_from(b, big, sizeof big, NULL, after_ms(1000)), sizeof big);
    sock_close(a);
    sock_close(b);
    peer_pools_rest();
}

static void fail_with_socket(void *unused)
{
    struct net_addr to = peer_address(82);
    struct sock *s = NULL;

    (void)unused;
    CHECK_IS(sock_connect(&s, &to, after_ms(1000)), 0);
    sock_close_at_end(s);
    CHECK_IS(sock_send(s, "last words", 10, after_ms(1000)), 10);
    panic_putc = NULL; // the report has addresses, which are others in each run of a process
    panic("limits_suite: a failure of our own");
}

// A tasklet that fails leaves no socket behind, and its peer is not left hanging.
static void a_failure_closes_its_sockets(void)
{
    static GROUP(crew, "crew");
    void (*putc_before)(char) = panic_putc;
    static TASKLET_MEMORY(memory, 4096);
    struct sock *door, *s = NULL;
    char words[10];

    peer_pools_note();
    CHECK_IS(sock_listen(&door, 82), 0);
    group_spawn(&crew, "caller", fail_with_socket, NULL, memory, sizeof memory);
    CHECK_IS(sock_accept(door, &s, after_ms(1000)), 0);
    CHECK_IS(sock_recv(s, words, sizeof words, after_ms(1000)), 10);
    CHECK_IS(sock_recv(s, words, sizeof words, after_ms(1000)), 0);
    CHECK_IS(group_join(&crew, after_ms(1000)), -EFAULT);
    panic_putc = putc_before;
    sock_close(s);
    sock_close(door);
    peer_pools_rest();
}

// All places are taken: the newest is refused and counted, and those that are there go on.
static void a_full_pool_refuses_the_newest(void)
{
    enum { MORE = 100 };
    static struct sock *crowd[MORE];
    struct net_addr to = peer_address(81), any = { .port = 81 };
    struct net_statistics before, after;
    struct net_pool tcp_before, tcp_after;
    struct sock *door, *s;
    unsigned n = 0;
    char byte;

    open_both();
    net_statistics(&before);
    net_pool(0, &tcp_before);
    CHECK_IS(sock_listen_on(&door, &any, 255), 0);
    while (n < MORE && sock_connect(&crowd[n], &to, after_ms(50)) == 0) {
        n++;
    }
    CHECK(n > 40 && n < MORE);
    sleep_ms(100);
    net_statistics(&after);
    net_pool(0, &tcp_after);
    CHECK(after.refused + tcp_after.refused > before.refused + tcp_before.refused);
    CHECK_IS(sock_send(ours, "!", 1, after_ms(1000)), 1);
    CHECK_IS(sock_recv(theirs, &byte, 1, after_ms(1000)), 1);
    while (sock_accept(door, &s, NOWAIT) == 0) {
        sock_close(s);
    }
    while (n > 0) {
        sock_close(crowd[--n]);
    }
    sock_close(door);
    close_both();
}

int main(void)
{
    static const struct suite_case cases[] = {
        CASE(a_failure_closes_its_sockets),
        CASE(a_full_pool_refuses_the_newest),
        CASE(small_windows_open_again),
        CASE(crumbs_share_buffers),
        CASE(a_gap_can_be_filled_without_buffers),
        CASE(callers_reset_before_they_are_accepted),
        CASE(a_closed_connection_ends_some_day),
        CASE(fragments_of_ipv6),
        CASE(datagrams_leave_buffers_to_others),
    };

    peer_start();
    SUITE_RUN("limits", cases);
}

// SPDX-License-Identifier: MIT
//
// Memory runs out, at each place in turn. A scenario runs with its first allocation failing, then with its
// second, and so on until a run has no failing one any more; then again, with all failing from there on. Each
// time an error comes out or the scenario succeeds all the same, everything is free again afterwards, and the
// next try works. The linker puts this file's allocators before pool_alloc() and lwIP's own: the product has no
// hook. Tasklet pools and pool_wait() allocate nothing: there the pool itself is used up (tests/kernel).
#include <errno.h>
#include <string.h>

#include "boards/board.h"
#include "io/printf.h"
#include "kernel/pool.h"
#include "kernel/select.h"
#include "lwip/mem.h"
#include "lwip/memp.h"
#include "lwip/stats.h"
#include "net/dns.h"
#include "net/ping.h"
#include "tests/kernel/suite.h"
#include "tests/net/peer.h"

enum { POOLS = 8, TRIES = 400, LINGER = 200000, PATIENCE = 20000 }; // ms

void *__real_pool_alloc(struct pool *p);
void *__real_memp_malloc(memp_t type);
void *__real_mem_malloc(mem_size_t size);
void *__wrap_pool_alloc(struct pool *p);
void *__wrap_memp_malloc(memp_t type);
void *__wrap_mem_malloc(mem_size_t size);

// ---- Allocators that fail ----

static unsigned allocations, fail_at; // 0: none
static bool from_there_on;

static bool fails(void)
{
    allocations++;
    return fail_at != 0 && (from_there_on ? allocations >= fail_at : allocations == fail_at);
}

static struct pool *pools[POOLS]; // that were asked for something

static void remember(struct pool *p)
{
    for (unsigned i = 0; i < POOLS; i++) {
        if (pools[i] == NULL || pools[i] == p) {
            pools[i] = p;
            return;
        }
    }
    CHECK(false);
}

void *__wrap_pool_alloc(struct pool *p)
{
    remember(p);
    return fails() ? NULL : __real_pool_alloc(p);
}

void *__wrap_memp_malloc(memp_t type)
{
    return fails() ? NULL : __real_memp_malloc(type);
}

void *__wrap_mem_malloc(mem_size_t size)
{
    return fails() ? NULL : __real_mem_malloc(size);
}

// ---- What is in use ----

struct usage {
    unsigned pools[POOLS], memp[MEMP_MAX], heap;
};

static struct usage usage(void)
{
    struct usage u = { .heap = (unsigned)lwip_stats.mem.used };

    for (unsigned i = 0; i < POOLS && pools[i] != NULL; i++) {
        u.pools[i] = pools[i]->used;
    }
    for (unsigned i = 0; i < MEMP_MAX; i++) {
        u.memp[i] = (unsigned)lwip_stats.memp[i]->used;
    }
    return u;
}

static bool check_usage(const struct usage *before)
{
    struct usage now;

    sleep_ms(LINGER);
    now = usage();
    for (unsigned i = 0; i < POOLS && pools[i] != NULL; i++) {
        CHECK_IS(now.pools[i], before->pools[i]);
    }
    for (unsigned i = 0; i < MEMP_MAX; i++) {
        CHECK_IS(now.memp[i], before->memp[i]);
    }
    CHECK_IS(now.heap, before->heap);
    return memcmp(&now, before, sizeof now) == 0;
}

// ---- One scenario, over and over ----

// 0, or the error of the first call that failed; it has given everything back.
typedef int (*scenario_fn)(void);

static bool is_error_of_memory(int error)
{
    return error == -ENOBUFS || error == -ENOMEM || error == -ETIMEDOUT;
}

// False if nothing fails any more.
static bool try_without(scenario_fn scenario, unsigned n, const struct usage *before)
{
    unsigned failed = suite_failures();

    allocations = 0;
    fail_at = n;
    int result = scenario();
    bool reached = allocations >= n;

    fail_at = 0;
    CHECK(result == 0 || (reached && is_error_of_memory(result)));
    check_usage(before);
    CHECK_IS(scenario(), 0);
    check_usage(before);
    if (suite_failures() != failed) {
        uart_printf(board_uarts[0], "  when number %u %s: result %d\r\n", n,
                    from_there_on ? "and all behind it fail" : "fails", result);
    }
    return reached && suite_failures() == failed;
}

static void each_in_turn(scenario_fn scenario)
{
    CHECK_IS(scenario(), 0); // neighbours are known now, and pools
    sleep_ms(LINGER);
    struct usage before = usage();

    for (int mode = 0; mode < 2; mode++) {
        unsigned n = 1;

        from_there_on = mode == 1;
        while (n < TRIES && try_without(scenario, n, &before)) {
            n++;
        }
        CHECK(n > 1 && n < TRIES);
        uart_printf(board_uarts[0], "  %u allocations\r\n", n - 1);
    }
}

// ---- Connections ----

static struct sock *listener, *ours, *theirs;
static uint8_t data[5000];

static void close_all(void)
{
    sock_close(ours);
    sock_close(theirs);
    sock_close(listener);
    ours = theirs = listener = NULL;
}

static int open_all(const struct net_addr *peer)
{
    int result = sock_listen(&listener, 7);

    result = result == 0 ? sock_connect(&ours, peer, after_ms(PATIENCE)) : result;
    return result == 0 ? sock_accept(listener, &theirs, after_ms(PATIENCE)) : result;
}

// All of it arrives, or the first error.
static int transfer(struct sock *from, struct sock *to, bool constant)
{
    uint8_t buf[512];
    int n = constant ? sock_send_const(from, data, sizeof data, after_ms(PATIENCE))
                     : sock_send(from, data, sizeof data, after_ms(PATIENCE));

    if (n < 0) {
        return n;
    }
    for (int got = 0; got < n;) {
        int part = sock_recv(to, buf, sizeof buf, after_ms(PATIENCE));

        if (part <= 0) {
            return part < 0 ? part : -EPIPE;
        }
        CHECK(memcmp(buf, data + got, (size_t)part) == 0);
        got += part;
    }
    return n == sizeof data ? 0 : -ENOBUFS; // fewer: the next call would have said so
}

static int converse(const struct net_addr *peer)
{
    int result = open_all(peer);

    result = result == 0 ? transfer(ours, theirs, false) : result;
    result = result == 0 ? transfer(theirs, ours, true) : result;
    result = result == 0 ? sock_flush(theirs, after_ms(PATIENCE)) : result;
    close_all();
    return result;
}

static int converse_with_a_stranger(void)
{
    static uint8_t host = 100;
    struct net_addr peer = net_ipv4(10, 9, 0, host, 7); // whose hardware address is to be found out

    host = host < 200 ? (uint8_t)(host + 1) : 100;
    return converse(&peer);
}

static int converse_over_ipv6(void)
{
    struct net_addr peer;

    CHECK_IS(net_addr_parse(&peer, "[fe80::77]:7", 0), 0);
    return converse(&peer);
}

static void connections(void)
{
    each_in_turn(converse_with_a_stranger);
}

static void connections_of_ipv6(void)
{
    each_in_turn(converse_over_ipv6);
}

// ---- Datagrams, groups, echoes, names ----

// The second goes in fragments.
static int send_two(struct sock *from, struct sock *to)
{
    struct net_addr peer = peer_address(4000);
    static uint8_t buf[sizeof data];
    static const size_t sizes[] = { 100, 4000 };

    for (unsigned i = 0; i < 2; i++) {
        int n = sock_send_to(from, data, sizes[i], &peer, after_ms(100));

        n = n >= 0 ? sock_recv_from(to, buf, sizeof buf, NULL, after_ms(100)) : n;
        if (n < 0) {
            return n;
        }
        CHECK_IS(n, sizes[i]);
        CHECK(memcmp(buf, data, sizes[i]) == 0);
    }
    return 0;
}

static int exchange_datagrams(void)
{
    struct net_addr local = { .port = 4000 };
    int result = sock_udp(&theirs, &local);

    result = result == 0 ? sock_udp(&ours, NULL) : result;
    result = result == 0 ? send_two(ours, theirs) : result;
    close_all();
    return result;
}

static int join(struct sock *s, const char *text)
{
    struct net_addr group;

    CHECK_IS(net_addr_parse(&group, text, 0), 0);
    int result = sock_join(s, &group);

    return result == 0 ? sock_leave(s, &group) : result;
}

static int join_groups(void)
{
    int result = sock_udp(&ours, NULL);

    result = result == 0 ? join(ours, "239.1.2.3") : result;
    result = result == 0 ? join(ours, "ff02::1234") : result;
    close_all();
    return result;
}

static int echo(void)
{
    struct net_addr four = peer_address(0), six;
    int result = net_ping(&four, PING_SIZE, NULL, after_ms(1000));

    CHECK_IS(net_addr_parse(&six, "fe80::77", 0), 0);
    return result == 0 ? net_ping(&six, PING_SIZE, NULL, after_ms(1000)) : result;
}

static struct sock *names;

// Answers one question with 10.9.0.99.
static void name_server(void *unused)
{
    static const uint8_t answer[] = { 0xC0, 12, 0, 1, 0, 1, 0, 0, 0, 1, 0, 4, 10, 9, 0, 99 };
    uint8_t q[256];
    struct net_addr from;
    int n;

    (void)unused;
    while ((n = sock_recv_from(names, q, 200, &from, FOREVER)) > 12) {
        q[2] = 0x81;
        q[3] = 0x80;
        q[7] = 1;
        memcpy(q + n, answer, sizeof answer);
        sock_send_to(names, q, (size_t)n + sizeof answer, &from, after_ms(100));
    }
}

static int look_up(void)
{
    struct net_addr a;
    int result = dns_lookup("a.example", 80, DNS_IPV4, &a, after_ms(PATIENCE));

    return result == -ENOENT ? -ETIMEDOUT : result; // no answer at all is none
}

static void lookups(void)
{
    struct net_addr local = { .port = 53 };

    CHECK_IS(sock_udp(&names, &local), 0);
    struct tasklet *t = worker("names", name_server, NULL);

    each_in_turn(look_up);
    tasklet_cancel(t);
    worker_join(t);
    sock_close(names);
}

static void datagrams(void)
{
    each_in_turn(exchange_datagrams);
}

static void groups(void)
{
    each_in_turn(join_groups);
}

static void echoes(void)
{
    each_in_turn(echo);
}

// ---- Select ----

static CHAN(quiet, int, 0);

static int choose(void)
{
    int n;
    struct select_case cases[] = { SELECT_RECV(&quiet, &n) };
    int result = chan_select(cases, 1, after_us(10));

    CHECK(result < 0 && waitq_empty(&quiet.waiting));
    return result == -ETIMEDOUT ? 0 : result;
}

static void selects(void)
{
    each_in_turn(choose);
}

int main(void)
{
    static const struct suite_case cases[] = {
        CASE(selects),     CASE(datagrams),           CASE(groups), CASE(echoes), CASE(lookups),
        CASE(connections), CASE(connections_of_ipv6),
    };

    for (uint32_t i = 0; i < sizeof data; i++) {
        data[i] = peer_byte(i);
    }
    peer_start();
    SUITE_RUN("scarce", cases);
}

// SPDX-License-Identifier: MIT
//
// The interface: an address although no DHCP server answers, a link that goes and comes, counters.
#include <errno.h>
#include <string.h>

#include "drivers/net/host_wire.h"
#include "net/net.h"
#include "net/random.h"
#include "net/sock.h"
#include "tests/kernel/suite.h"

static const struct net_config config = {
    .fallback = { .family = NET_IPV4, .bytes = { 10, 9, 0, 50 } },
    .gateway = { .family = NET_IPV4, .bytes = { 10, 9, 0, 1 } },
    .fallback_ms = 5000,
};

static void nobody_gives_an_address(void)
{
    struct net_addr a;
    char text[NET_ADDR_TEXT];
    deadline_t limit;

    CHECK_IS(net_start(&config), 0);
    CHECK_IS(net_start(&config), -EALREADY);
    CHECK(net_link());
    limit = after_ms(3000);
    CHECK_IS(net_wait(limit), -ETIMEDOUT);
    CHECK(suite_on_time(limit));
    CHECK_IS(net_wait(after_ms(4000)), 0);
    CHECK_IS(net_wait(NOWAIT), 0);
    CHECK(net_address(0, &a) && strcmp(net_addr_text(&a, text), "10.9.0.50") == 0);
    CHECK(net_gateway(&a) && strcmp(net_addr_text(&a, text), "10.9.0.1") == 0);
    sleep_ms(3000);
    CHECK(net_address(1, &a) && a.family == NET_IPV6); // of the link
    CHECK(!net_address(2, &a));
}

static int call(uint16_t port)
{
    struct net_addr to = net_ipv4(10, 9, 0, 77, port);
    struct sock *listener, *s;
    int result;

    CHECK_IS(sock_listen(&listener, port), 0);
    result = sock_connect(&s, &to, after_ms(20000));
    if (result == 0) {
        sock_close(s);
    }
    sock_close(listener);
    return result;
}

static void the_link_goes_and_comes(void)
{
    CHECK_IS(call(7), 0);
    wire_link(false);
    sleep_ms(1500);
    CHECK(!net_link());
    CHECK(call(7) < 0);
    wire_link(true);
    sleep_ms(1500);
    CHECK(net_link());
    CHECK_IS(call(7), 0);
}

static void counters_count(void)
{
    struct net_statistics before, after;
    struct net_pool p;
    unsigned pools = 0;

    net_statistics(&before);
    CHECK_IS(call(8), 0);
    net_statistics(&after);
    CHECK(after.tcp_in >= before.tcp_in + 4 && after.tcp_out >= before.tcp_out + 4);
    CHECK(after.frames_in > before.frames_in && after.frames_out > before.frames_out);
    for (; net_pool(pools, &p); pools++) {
        CHECK(p.name != NULL && p.used <= p.most);
    }
    CHECK(pools >= 6);
}

static void wrong_checksums_are_counted(void)
{
    static const struct wire_faults bad = { .corrupt = 20, .delay = 100, .seed = 3 };
    static const struct wire_faults clean = WIRE_CLEAN;
    struct net_statistics before, after;

    net_statistics(&before);
    wire_set(&bad);
    for (unsigned i = 0; i < 10; i++) {
        call(9);
    }
    wire_set(&clean);
    net_statistics(&after);
    CHECK(after.checksum_errors > before.checksum_errors);
}

static void random_numbers_are_spread(void)
{
    unsigned counts[10] = { 0 };
    uint8_t a[48], b[48];

    for (unsigned i = 0; i < 10000; i++) {
        unsigned n = random_below(10);

        CHECK(n < 10);
        counts[n % 10]++;
    }
    for (unsigned i = 0; i < 10; i++) {
        CHECK(counts[i] > 850 && counts[i] < 1150);
    }
    random_bytes(a, sizeof a);
    random_bytes(b, sizeof b);
    CHECK(memcmp(a, b, sizeof a) != 0);
    CHECK_IS(random_below(1), 0);
    random_stir("event", 5);
    random_bytes(a, sizeof a);
    CHECK(memcmp(a, b, sizeof a) != 0);
}

int main(void)
{
    static const struct suite_case cases[] = {
        CASE(nobody_gives_an_address),     CASE(the_link_goes_and_comes),   CASE(counters_count),
        CASE(wrong_checksums_are_counted), CASE(random_numbers_are_spread),
    };

    SUITE_RUN("interface", cases);
}

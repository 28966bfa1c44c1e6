// SPDX-License-Identifier: MIT
#include "tests/net/peer.h"

#include "tests/kernel/suite.h"

enum { POOLS = 12, LINGER = 60000 }; // ms

static uint16_t used[POOLS];

void peer_start(void)
{
    static const struct net_config config = {
        .address = { .family = NET_IPV4, .bytes = { 10, 9, 0, 2 } },
        .gateway = { .family = NET_IPV4, .bytes = { 10, 9, 0, 1 } },
        .dns = { .family = NET_IPV4, .bytes = { 10, 9, 0, 53 } },
    };

    CHECK_IS(net_start(&config), 0);
    CHECK_IS(net_wait(after_ms(5000)), 0);
    sleep_ms(3000); // addresses of IPv6 are tentative for a while
}

struct net_addr peer_address(uint16_t port)
{
    return net_ipv4(10, 9, 0, 77, port);
}

void peer_pools_note(void)
{
    struct net_pool p;

    for (unsigned i = 0; i < POOLS && net_pool(i, &p); i++) {
        used[i] = p.used;
    }
}

void peer_pools_rest(void)
{
    struct net_pool p;

    sleep_ms(LINGER);
    for (unsigned i = 0; i < POOLS && net_pool(i, &p); i++) {
        CHECK_IS(p.used, used[i]);
    }
}

void peer_open(struct sock **listener, struct sock **ours, struct sock **theirs)
{
    struct net_addr to = peer_address(7);

    peer_pools_note();
    CHECK_IS(sock_listen(listener, 7), 0);
    CHECK_IS(sock_connect(ours, &to, after_ms(1000)), 0);
    CHECK_IS(sock_accept(*listener, theirs, after_ms(1000)), 0);
}

void peer_close(struct sock **listener, struct sock **ours, struct sock **theirs)
{
    sock_close(*ours);
    sock_close(*theirs);
    sock_close(*listener);
    *ours = *theirs = *listener = NULL;
    peer_pools_rest();
}

// SPDX-License-Identifier: MIT
// A path MTU below the least that IPv6 allows is not believed: fragments of no bytes never end.
#include "host.h"

static void ping(size_t size)
{
    Bytes b = { 0 };
    put32(&b, 128u << 24);
    put32(&b, 0x00010001);
    b.size += size;
    b = ip6(58, 0xfd00, 0x10, 2, &b);
    host_receive(&b);
}

int main(void)
{
    host_start();
    learn_nd(0xfd00, 0x10);
    ping(0);
    learn_nd(0xfd00, 0x10);
    for (unsigned mtu = 0; mtu <= 70000; mtu += mtu < 128 ? 8 : 30000) {
        Bytes b = { 0 };
        put32(&b, 2u << 24); // "packet too big", as from a router on the way to fd00::10
        put32(&b, mtu);
        put32(&b, 0x60000000);
        put32(&b, 0);
        put_ip6(&b, 0xfd00, 2);
        put_ip6(&b, 0xfd00, 0x10);
        b = ip6(58, 0xfd00, 0x77, 2, &b);
        host_receive(&b);
        ip6_addr_t to;
        IP6_ADDR(&to, PP_HTONL(0xfd000000), 0, 0, PP_HTONL(0x10));
        unsigned now = nd6_get_destination_mtu(&to, &host_netif);
        check(now >= 1280 && now <= 1500);
        unsigned before = host_sent_count;
        ping(1400);
        check(host_sent_count <= before + 2);
    }
    return 0;
}

// SPDX-License-Identifier: MIT
// Sending what was queued for a neighbour must not free it twice, nor go on for ever, when sending
// recycles the neighbour's entry.
#include "host.h"

static void ping_from(unsigned last)
{
    Bytes b = { 0 };
    put32(&b, 128u << 24);
    put32(&b, 0x00010001);
    b = ip6(58, 0xfd00, last, 2, &b);
    host_receive(&b);
}

int main(void)
{
    host_start();
    for (unsigned i = 0; i < LWIP_ND6_NUM_NEIGHBORS; i++) {
        ping_from(0x10 + i); // answers wait for the neighbours' addresses
    }
    Bytes b = { 0 }; // a redirect: fd00::10 is behind fe80::99, which nobody has heard of
    put32(&b, 137u << 24);
    put32(&b, 0);
    put_ip6(&b, 0xfe80, 0x99);
    put_ip6(&b, 0xfd00, 0x10);
    b = ip6(58, 0xfe80, 1, 2, &b);
    host_receive(&b);
    unsigned before = host_sent_count;
    learn_nd(0xfd00, 0x10); // the answer to it leaves, or waits for fe80::99
    check(host_sent_count <= before + 2);
    host_pass(30000);
    nd6_cleanup_netif(&host_netif);
    return 0;
}

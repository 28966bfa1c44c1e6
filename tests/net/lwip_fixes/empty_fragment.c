// SPDX-License-Identifier: MIT
// A fragment without data does not become a pbuf without data, which elsewhere means another packet.
#include "host.h"

static unsigned received;

static void echo(void *arg, struct udp_pcb *pcb, struct pbuf *p, const ip_addr_t *from, u16_t port)
{
    (void)arg;
    received++;
    udp_sendto(pcb, p, from, port); // waits for the address of an unknown neighbour
    pbuf_free(p);
}

int main(void)
{
    static const uint8_t udp[] = { 0, 9, 0, 9, 0, 16, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8 };
    host_start();
    struct udp_pcb *pcb = udp_new_ip_type(IPADDR_TYPE_ANY);
    udp_bind(pcb, IP_ANY_TYPE, 9);
    udp_recv(pcb, echo, NULL);
    for (unsigned i = 0; i < 2; i++) {
        Bytes data = { 0 }, none = { 0 };
        put(&data, udp, sizeof udp);
        Bytes b = ip4_fragment(IP_PROTO_UDP, 0x55, i, 0, true, &data);
        host_receive(&b);
        b = ip4_fragment(IP_PROTO_UDP, 0x55, i, 16, false, &none);
        host_receive(&b);
        data.size = 0;
        put32(&data, 17 << 24 | 1);
        put32(&data, i);
        put(&data, udp, sizeof udp);
        b = ip6(44, 0xfd00, 0x55, 2, &data);
        host_receive(&b);
        data.size = 0;
        put32(&data, 17 << 24 | 16);
        put32(&data, i);
        b = ip6(44, 0xfd00, 0x55, 2, &data);
        host_receive(&b);
    }
    check(received == 0);
    return 0;
}

// SPDX-License-Identifier: MIT
// Fragments: one of too many pieces leaves nothing behind; none comes behind the last.
#include "host.h"

static unsigned received, length;

static void receive(void *arg, struct udp_pcb *pcb, struct pbuf *p, const ip_addr_t *from,
                    u16_t port)
{
    (void)arg, (void)pcb, (void)from, (void)port;
    received++;
    length = p->tot_len;
    pbuf_free(p);
}

static Bytes piece(unsigned version, unsigned id, unsigned offset, bool more)
{
    static const uint8_t udp[] = { 0, 9, 0, 9, 0, 16, 0, 0 };
    Bytes data = { 0 }, b = { 0 };
    put(&data, udp, 8);
    if (version == 4) {
        return ip4_fragment(IP_PROTO_UDP, 1, id, offset, more, &data);
    }
    put16(&b, 17 << 8);
    put16(&b, offset | more);
    put32(&b, id);
    put(&b, data.at, 8);
    return ip6(44, 0xfd00, 1, 2, &b);
}

int main(void)
{
    host_start();
    struct udp_pcb *pcb = udp_new_ip_type(IPADDR_TYPE_ANY);
    udp_bind(pcb, IP_ANY_TYPE, 9);
    udp_recv(pcb, receive, NULL);
    for (unsigned version = 4; version <= 6; version += 2) {
        Bytes b = piece(version, 1, 8, false); // 8 to 16 is the last, 16 comes behind it
        host_receive(&b);
        b = piece(version, 1, 16, true);
        host_receive(&b);
        b = piece(version, 1, 0, true);
        host_receive(&b);
        check(received == 1 && length == 8);
        b = piece(version, 2, 16, true);
        host_receive(&b);
        b = piece(version, 2, 8, false);
        host_receive(&b);
        b = piece(version, 2, 0, true);
        host_receive(&b);
        check(received == 1);
        received = 0;
    }
    host_pass(61000);
    long before = host_live;
    for (unsigned i = 0; i < 3; i++) {
        size_t sizes[16] = { 14 + 40 + 8 };
        Bytes b = piece(6, 3 + i, 0, true);
        for (unsigned n = 1; n <= IP_REASS_MAX_PBUFS; n++) {
            sizes[n] = 1;
        }
        b.size += 8;
        b.at[19] = 24;
        host_receive_pieces(&b, sizes, IP_REASS_MAX_PBUFS + 1);
    }
    host_pass(61000); // the time of what waits runs out
    check(host_live <= before);
    return 0;
}

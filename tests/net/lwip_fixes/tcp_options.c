// SPDX-License-Identifier: MIT
// Options of TCP end where the header says; the segment size is for SYNs only, and not any.
#include "host.h"

static void options(uint16_t port, unsigned flags, const void *at, size_t size, bool pieces)
{
    Segment s = { .from = port,
                  .to = 7,
                  .seq = flags == TCP_SYN ? PEER_ISS : PEER_ISS + 1,
                  .ack = host_iss + 1,
                  .flags = (uint8_t)flags,
                  .window = 1000,
                  .options = at,
                  .options_size = size };
    Bytes b = tcp(&s);
    b = ip4(IP_PROTO_TCP, 1, &b);
    size_t sizes[] = { 14 + 20 + 20 + size / 2 };
    host_receive_pieces(&b, sizes, pieces);
}

int main(void)
{
    host_start();
    connect_from(1, NULL, 0, 1000);
    static const uint8_t kinds[] = { 2, 3, 4, 5, 8, 34, 254 };
    for (unsigned i = 0; i < sizeof kinds; i++) {
        uint8_t o[8] = { 1, 1, 1, kinds[i], 1, 1, 1, kinds[i] };
        options(1, TCP_ACK, o, 8, true);
        options(1, TCP_ACK, o, 8, false);
        options(1, TCP_ACK, o, 4, false);
        o[6] = kinds[i], o[7] = 40; // longer than all
        options(1, TCP_ACK, o, 8, true);
        options((uint16_t)(200 + i), TCP_SYN, o, 8, false);
    }
    unsigned mss = host_accepted->mss;
    options(1, TCP_ACK, "\2\4\0\10", 4, false);
    check(host_accepted->mss == mss);
    for (struct tcp_pcb *pcb = tcp_active_pcbs, *next; pcb != NULL; pcb = next) {
        next = pcb->next;
        tcp_abort(pcb);
    }
    check(connect_from(3, "\2\4\0\1", 4, 1000)->mss == 64);
    check(connect_from(4, "\2\4\0\200", 4, 1000)->mss == 128);
    check(connect_from(5, "\2\4\77\0", 4, 1000)->mss == TCP_MSS);
    connect_from(6, "\1\1\10\12\377\377\377\377\0\0\0\0", 12,
                 1000); // a timestamp with its top bit set
    return 0;
}

// SPDX-License-Identifier: MIT
// A server that allows less than was queued before its SYN came, and opens its window by little: data
// goes out in parts, and the FIN with the last of them.
#include "host.h"

static err_t connected(void *arg, struct tcp_pcb *pcb, err_t err)
{
    (void)arg, (void)pcb, (void)err;
    return ERR_OK;
}

static void run(uint16_t port, unsigned more)
{
    static const uint8_t data[400];
    unsigned all = 400 + more;
    ip_addr_t to = IPADDR4_INIT_BYTES(10, 0, 0, 1);
    struct tcp_pcb *pcb = tcp_new();
    check(tcp_connect(pcb, &to, port, connected) == ERR_OK);
    check(tcp_write(pcb, data, 400, TCP_WRITE_FLAG_COPY) == ERR_OK);
    const uint8_t *syn = sent_to(port);
    check(syn != NULL);
    uint32_t iss = get32(syn + 4);
    static const uint8_t options[] = { 2, 4, 0, 64, 1, 1, 8, 10, 0, 0, 0, 1, 0, 0, 0, 0 };
    Segment s = { .from = port,
                  .to = (uint16_t)get16(syn),
                  .seq = PEER_ISS,
                  .ack = iss + 1,
                  .flags = TCP_SYN | TCP_ACK,
                  .window = 100,
                  .options = options,
                  .options_size = 16 };
    receive_tcp(&s);
    check(more == 0 || tcp_write(pcb, data, (u16_t)more, TCP_WRITE_FLAG_COPY) == ERR_OK);
    check(tcp_close(pcb) == ERR_OK);
    s.flags = TCP_ACK;
    s.seq++;
    s.options_size = 0;
    unsigned got = 0, seen = host_sent_count;
    for (unsigned i = 0; i < 100 && got < all + 1; i++) {
        host_pass(500);
        while (seen < host_sent_count) {
            const Bytes *b = &host_sent[seen++ % 64];
            const uint8_t *h = b->at + 34;
            if (b->at[23] != IP_PROTO_TCP) {
                continue;
            }
            unsigned size = get16(b->at + 16) - 20 - (h[12] >> 4) * 4u;
            check(size <= 100);
            if (get32(h + 4) == iss + 1 + got) {
                check((h[13] & TCP_FIN) == 0 || got + size == all);
                got += size + ((h[13] & TCP_FIN) != 0);
            }
        }
        s.ack = iss + 1 + got;
        receive_tcp(&s);
    }
    check(got == all + 1);
}

int main(void)
{
    host_start();
    learn_arp(1);
    run(80, 10);
    run(81, 0); // the FIN is on what is split
    return 0;
}

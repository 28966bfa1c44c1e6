// SPDX-License-Identifier: MIT
// Who guesses gets few answers, each connection for itself; who is right gets all of his.
#include "host.h"

enum { TICK = 500, GUESSES = 100 }; // ms

static uint32_t ours[3];

static void guess(unsigned port, unsigned number)
{
    Segment s = { .from = (uint16_t)port,
                  .to = 7,
                  .seq = PEER_ISS + 1,
                  .ack = ours[port],
                  .flags = TCP_ACK,
                  .window = 1000 };
    switch (number % 3) {
    case 0:
        s.flags = TCP_RST;
        s.seq += 1 + number;
        break;
    case 1:
        s.flags = TCP_SYN;
        break;
    default:
        s.ack += 0x10000000 + number;
        break;
    }
    receive_tcp(&s);
}

static unsigned answers_to_guesses(unsigned port)
{
    unsigned before = host_sent_count;
    for (unsigned i = 0; i < GUESSES; i++) {
        guess(port, i);
    }
    return host_sent_count - before;
}

static err_t receive(void *arg, struct tcp_pcb *pcb, struct pbuf *p, err_t err)
{
    (void)arg, (void)err;
    check(p != NULL);
    tcp_recved(pcb, p->tot_len);
    pbuf_free(p);
    return ERR_OK;
}

int main(void)
{
    host_start();
    for (unsigned port = 1; port <= 2; port++) {
        struct tcp_pcb *pcb = connect_from(port, NULL, 0, 1000);
        tcp_recv(pcb, receive);
        ours[port] = host_iss + 1;
    }
    check(answers_to_guesses(1) == 1);
    check(answers_to_guesses(1) == 0);
    check(answers_to_guesses(2) == 1);
    unsigned sum = 0;
    for (unsigned i = 0; i < 10; i++) {
        host_pass(TICK);
        sum += answers_to_guesses(1);
    }
    check(sum == 10);
    unsigned before = host_sent_count;
    for (unsigned i = 0; i < 10; i++) { // every second one
        receive_tcp(&(Segment){ .from = 1,
                                .to = 7,
                                .seq = PEER_ISS + 1 + i,
                                .ack = ours[1],
                                .flags = TCP_ACK,
                                .window = 1000,
                                .data = "x",
                                .size = 1 });
    }
    check(host_sent_count == before + 5);
    return 0;
}

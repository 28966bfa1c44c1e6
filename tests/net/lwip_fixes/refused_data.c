// SPDX-License-Identifier: MIT
// A callback to which refused data is offered again may close or abort the connection.
#include "host.h"

static enum { REFUSE, CLOSE, ABORT, CLOSE_REFUSE } answer;
static unsigned calls;

static err_t receive(void *arg, struct tcp_pcb *pcb, struct pbuf *p, err_t err)
{
    (void)arg, (void)err;
    calls++;
    switch (answer) {
    case REFUSE:
        return ERR_MEM;
    case CLOSE:
        check(p != NULL); // not called again for the end after it was closed
        tcp_recved(pcb, p->tot_len);
        pbuf_free(p);
        check(tcp_close(pcb) == ERR_OK);
        return ERR_OK;
    case CLOSE_REFUSE:
        check(tcp_close(pcb) == ERR_OK);
        return ERR_MEM;
    default:
        pbuf_free(p);
        tcp_abort(pcb);
        return ERR_ABRT;
    }
}

int main(void)
{
    host_start();
    connect_from(1, NULL, 0, 1000);
    tcp_abort(host_accepted);
    long before = host_live;
    for (unsigned round = 0; round < 6; round++) {
        uint16_t port = (uint16_t)(100 + round);
        tcp_recv(connect_from(port, NULL, 0, 1000), receive);
        answer = REFUSE;
        Segment s = { .from = port,
                      .to = 7,
                      .seq = PEER_ISS + 1,
                      .ack = host_iss + 1,
                      .flags = TCP_ACK | TCP_FIN,
                      .window = 1000,
                      .data = "hello",
                      .size = 5 };
        receive_tcp(&s);
        check(calls == 1);
        answer = CLOSE + round % 3;
        if (round < 3) {
            host_pass(500); // offered again by the timer
        } else {
            receive_tcp(&s); // by a segment
        }
        check(calls == 2);
        check(tcp_active_pcbs == NULL);
        calls = 0;
    }
    check(host_live == before);
    return 0;
}

// SPDX-License-Identifier: MIT
// Segments out of order are cut to the window, and data that covers a FIN ends at it.
#include "host.h"

static unsigned received, ended;
static uint8_t data[TCP_WND];

static err_t receive(void *arg, struct tcp_pcb *pcb, struct pbuf *p, err_t err)
{
    (void)arg, (void)pcb, (void)err;
    if (p == NULL) {
        ended++;
        return ERR_OK;
    }
    received += p->tot_len;
    pbuf_free(p); // no tcp_recved: the window gets smaller
    return ERR_OK;
}

static void segment(uint16_t port, unsigned at, unsigned size, unsigned flags)
{
    receive_tcp(&(Segment){ .from = port,
                            .to = 7,
                            .seq = PEER_ISS + 1 + at,
                            .ack = host_iss + 1,
                            .flags = (uint8_t)(TCP_ACK | flags),
                            .window = 1000,
                            .data = data,
                            .size = size });
}

static void start(uint16_t port)
{
    received = ended = 0;
    tcp_recv(connect_from(port, NULL, 0, 1000), receive);
}

int main(void)
{
    host_start();
    start(1);
    segment(1, TCP_WND - 100, 400, 0); // 300 too many
    for (unsigned at = 0; at < TCP_WND - 100; at += 100) {
        segment(1, at, LWIP_MIN(100, TCP_WND - 100 - at), 0);
    }
    check(received == TCP_WND && ended == 0 && host_accepted->rcv_wnd == 0);
    tcp_abort(host_accepted);

    start(2);
    segment(2, 0, TCP_WND - 500, 0);
    segment(2, TCP_WND - 490, 5, TCP_FIN);
    segment(2, TCP_WND - 500, 500, 0); // covers the FIN, and fills the window
    check(received == TCP_WND - 485 && ended == 1);
    tcp_abort(host_accepted);

    start(3);
    segment(3, 0, TCP_WND - 500, 0);
    segment(3, TCP_WND - 480, 5, TCP_FIN);
    segment(3, TCP_WND - 490, 490, 0); // the same, itself out of order
    segment(3, TCP_WND - 500, 10, 0);
    check(received == TCP_WND - 475 && ended == 1);
    tcp_abort(host_accepted);
    return 0;
}

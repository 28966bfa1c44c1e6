// SPDX-License-Identifier: MIT
// A byte that went out as a probe of a closed window may be all there was.
#include "host.h"

int main(void)
{
    static const uint8_t timestamp[] = { 1, 1, 8, 10, 0, 0, 0, 1, 0, 0, 0, 0 };
    host_start();
    for (uint16_t port = 1; port < 3; port++) {
        struct tcp_pcb *pcb = connect_from(port, timestamp, sizeof timestamp, 0);
        Segment s = {
            .from = port, .to = 7, .seq = PEER_ISS + 1, .ack = host_iss + 1, .flags = TCP_ACK
        };
        check(tcp_write(pcb, "x", 1, TCP_WRITE_FLAG_COPY) == ERR_OK);
        tcp_output(pcb);
        host_pass(3000);
        const uint8_t *probe = sent_to(port);
        check(probe != NULL && get32(probe + 4) == host_iss + 1 &&
              probe[(probe[12] >> 4) * 4] == 'x');
        s.ack++;
        receive_tcp(&s);
        host_pass(3000);
        s.window = 1000;
        receive_tcp(&s);
        check(tcp_write(pcb, "y", 1, TCP_WRITE_FLAG_COPY) == ERR_OK);
        tcp_output(pcb);
        const uint8_t *next = sent_to(port);
        check(get32(next + 4) == host_iss + 2 && next[(next[12] >> 4) * 4] == 'y');
        tcp_abort(pcb);
    }
    return 0;
}

// SPDX-License-Identifier: MIT
// Who knows the addresses and ports of a connection, but not its numbers, can neither stop it, nor end
// it, nor put data into it.
#include "host.h"

static unsigned received, ended;

static err_t receive(void *arg, struct tcp_pcb *pcb, struct pbuf *p, err_t err)
{
    (void)arg, (void)err;
    check(p != NULL);
    received += p->tot_len;
    tcp_recved(pcb, p->tot_len);
    pbuf_free(p);
    return ERR_OK;
}

static void end(void *arg, err_t err)
{
    (void)arg, (void)err;
    ended++;
}

int main(void)
{
    host_start();
    struct tcp_pcb *pcb = connect_from(1, NULL, 0, 1000);
    tcp_recv(pcb, receive);
    tcp_err(pcb, end);
    uint32_t next = PEER_ISS + 1, ours = host_iss + 1;
    Segment good = { .from = 1,
                     .to = 7,
                     .seq = next,
                     .ack = ours,
                     .flags = TCP_ACK,
                     .window = 1000 },
            s = good;
    // A closed window, from ahead of what we take and from far behind.
    s.window = 0;
    s.seq = next + 0x10000000;
    receive_tcp(&s);
    s.seq = next + TCP_WND + 2; // one less may be a probe of a closed window
    receive_tcp(&s);
    check(pcb->snd_wnd == 1000);
    s.seq = next - 0x10000000;
    s.window = 2000;
    receive_tcp(&s);
    check(pcb->snd_wnd == 1000);
    // Data within the window, of which the acknowledgment is a guess, or missing.
    s = good;
    s.data = "bad";
    s.size = 3;
    const uint32_t guesses[] = { ours + 1, ours + 0x40000000, ours - 1001, ours - 0x40000000 };
    for (unsigned i = 0; i < 4; i++) {
        host_pass(500); // there is one in half a second
        unsigned before = host_sent_count;
        s.ack = guesses[i];
        receive_tcp(&s);
        check(host_sent_count == before + 1); // a challenge
    }
    s.ack = ours;
    s.flags = TCP_PSH;
    receive_tcp(&s);
    check(received == 0);
    // Resets and beginnings.
    s = good;
    s.flags = TCP_RST;
    for (s.seq = next + 1; s.seq < next + 0x80000000u - 0x1000000; s.seq += 0x1000000) {
        receive_tcp(&s);
    }
    s.seq = next - 1;
    receive_tcp(&s);
    s.flags = TCP_SYN;
    receive_tcp(&s);
    s.seq = next;
    receive_tcp(&s);
    check(ended == 0 && pcb->state == ESTABLISHED);
    // All is well for the peer, also with what it repeats, and with a probe of keepalive.
    s = good;
    s.data = "good";
    s.size = 4;
    receive_tcp(&s);
    receive_tcp(&s);
    s.seq += 2;
    receive_tcp(&s);
    check(received == 6);
    unsigned before = host_sent_count;
    s = good;
    s.seq = next + 5;
    receive_tcp(&s);
    check(host_sent_count == before + 1);
    check(tcp_write(pcb, "answer", 6, TCP_WRITE_FLAG_COPY) == ERR_OK && tcp_output(pcb) == ERR_OK);
    check(pcb->unacked != NULL);
    s.seq = next + 6;
    s.ack = ours + 6;
    receive_tcp(&s);
    check(pcb->unacked == NULL);
    s.flags = TCP_RST;
    receive_tcp(&s);
    check(ended == 1);
    return 0;
}

// SPDX-License-Identifier: MIT
// A flood of SYNs keeps nobody out and ends no connection; with only live ones, the new one is refused.
#include "host.h"

static unsigned limit = 1000, lost;

static unsigned count(enum tcp_state state)
{
    unsigned n = 0;
    for (struct tcp_pcb *pcb = tcp_active_pcbs; pcb != NULL; pcb = pcb->next) {
        n += state == CLOSED || pcb->state == state;
    }
    for (struct tcp_pcb *pcb = tcp_tw_pcbs; pcb != NULL; pcb = pcb->next) {
        n += state == CLOSED || pcb->state == state;
    }
    return n;
}

static bool refuse(size_t size) // CLOSED stands for all
{
    return size == LWIP_MEM_ALIGN_SIZE(sizeof(struct tcp_pcb)) && count(CLOSED) >= limit;
}

static void end(void *arg, err_t err)
{
    (void)arg, (void)err;
    lost++;
}

static void flood(unsigned n)
{
    static unsigned from;
    while (n-- > 0) {
        Bytes b = tcp(&(Segment){ .from = (uint16_t)(1000 + from % 5000),
                                  .to = 7,
                                  .seq = 77,
                                  .flags = TCP_SYN,
                                  .window = 9 });
        b = ip4(IP_PROTO_TCP, 20 + from++ % 200, &b);
        b.at[26] = 192; // from beyond the gateway
        host_receive(&b);
    }
}

static bool can_connect(uint16_t port) // with answers that take 500 ms each
{
    host_accepted = NULL;
    unsigned before = host_sent_count;
    Segment s = { .from = port, .to = 7, .seq = PEER_ISS, .flags = TCP_SYN, .window = 1000 };
    receive_tcp(&s);
    const uint8_t *answer = host_sent_count > before ? sent_to(port) : NULL;
    if (answer == NULL) {
        return false;
    }
    host_iss = get32(answer + 4);
    s.ack = host_iss + 1;
    s.seq++;
    s.flags = TCP_ACK;
    host_pass(500);
    receive_tcp(&s);
    if (host_accepted != NULL) {
        tcp_err(host_accepted, end);
    }
    return host_accepted != NULL;
}

int main(void)
{
    host_start();
    host_refuse = refuse;
    tcp_err(connect_from(1, NULL, 0, 1000), end);
    struct tcp_pcb_listen *listener = tcp_listen_pcbs.listen_pcbs;
    flood(500); // more than the backlog
    check(count(SYN_RCVD) == listener->backlog && listener->accepts_pending == listener->backlog);
    check(can_connect(2));
    check(count(SYN_RCVD) == listener->accepts_pending);
    uint32_t first = 0;
    for (unsigned i = 0; i < 50; i++) { // the one that repeats its SYN does not stay for ever
        Segment s = { .from = 99, .to = 7, .seq = 5, .flags = TCP_SYN, .window = 1000 };
        receive_tcp(&s);
        host_pass(500);
        first = i == 0 ? get32(sent_to(99) + 4) : first;
    }
    check(get32(sent_to(99) + 4) != first);
    host_pass(21000);
    check(count(SYN_RCVD) == 0 && listener->accepts_pending == 0);
    limit = 5; // more than the pool
    flood(500);
    check(count(CLOSED) == 5 && count(SYN_RCVD) == 3 && listener->accepts_pending == 3);
    check(can_connect(3));
    check(count(ESTABLISHED) == 3);
    struct tcp_pcb *own = tcp_new(); // a connection of one's own has room as well
    check(own != NULL);
    tcp_abort(own);
    lost = 0;
    check(can_connect(4) && can_connect(5));
    // One that closes while its last data is on its way is as live as those.
    struct tcp_pcb *last = host_accepted;
    receive_tcp(
        &(Segment){ .from = 5,
                    .to = 7,
                    .seq = PEER_ISS + 1,
                    .ack = host_iss + 1,
                    .flags = TCP_ACK | TCP_FIN,
                    .window = 1000 }); // closed by the default callback, as nothing is left to send
    check(last->state == LAST_ACK);
    last->state = CLOSE_WAIT; // ... had it had something
    tcp_segs_free(last->unacked);
    last->unacked = NULL;
    last->snd_queuelen = 0;
    last->snd_lbb = last->snd_nxt = last->lastack;
    check(tcp_write(last, "answer", 6, TCP_WRITE_FLAG_COPY) == ERR_OK);
    check(tcp_close(last) == ERR_OK && last->state == LAST_ACK);
    flood(100);
    check(!can_connect(6) && tcp_new() == NULL);
    check(count(CLOSED) == 5 && lost == 0 && count(SYN_RCVD) == 0 &&
          listener->accepts_pending == 0);
    return 0;
}

// SPDX-License-Identifier: MIT
// Frames of any kind, to a host with a TCP listener, a UDP echo, a raw callback, a lookup of DNS in
// flight and DHCP in progress, in IPv4 and IPv6. After each input all is torn down; every allocation
// must then be free again. Built on the host of the tests of our fixes (../lwip_fixes).
//
// An input is a sequence of records: a byte what, a byte length, and that many bytes:
//   0..3    a frame as it is (3: with its length times 6)    4..7  the rest of an IPv4 packet to us
//   8..11   the rest of an IPv6 packet to us                 12    a TCP segment of a connection
//   13      time goes by                                     14    what our program answers
//   15      a UDP datagram to DHCP, DNS or the echo
// Bits 4..7 of what: into how many pieces a frame is split.
#include "host.h"

#include "lwip/igmp.h"
#include "lwip/mld6.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint8_t mood;
static struct tcp_pcb *last;
static struct tcp_pcb_listen *listener;

static void gone(void *arg, err_t err)
{
    (void)err;
    if (arg == last) {
        last = NULL;
    }
}

static err_t receive(void *arg, struct tcp_pcb *pcb, struct pbuf *p, err_t err)
{
    (void)arg, (void)err;
    switch (mood % 5) {
    case 1:
        if (p != NULL) {
            return ERR_MEM; // not now
        }
        break;
    case 2:
        if (p != NULL) {
            pbuf_free(p);
        }
        tcp_err(pcb, NULL);
        gone(pcb, ERR_OK);
        tcp_abort(pcb);
        return ERR_ABRT;
    case 3:
        if (p != NULL) { // echo
            tcp_write(pcb, p->payload, p->len, TCP_WRITE_FLAG_COPY);
            tcp_recved(pcb, p->tot_len);
            pbuf_free(p);
            return ERR_OK;
        }
        break;
    case 4:
        if (p != NULL) {
            pbuf_free(p); // the window shrinks
            return ERR_OK;
        }
        break;
    default:
        if (p != NULL) {
            tcp_recved(pcb, p->tot_len);
            pbuf_free(p);
            return ERR_OK;
        }
    }
    if (p != NULL) {
        tcp_recved(pcb, p->tot_len);
        pbuf_free(p);
    }
    gone(pcb, ERR_OK);
    tcp_recv(pcb, NULL);
    tcp_err(pcb, NULL);
    tcp_close(pcb);
    return ERR_OK;
}

static err_t accepted(void *arg, struct tcp_pcb *pcb, err_t err)
{
    (void)arg, (void)err;
    if (pcb == NULL) {
        return ERR_OK;
    }
    if (mood == 77) {
        return ERR_MEM;
    }
    last = pcb;
    tcp_arg(pcb, pcb);
    tcp_recv(pcb, receive);
    tcp_err(pcb, gone);
    return ERR_OK;
}

static void echo(void *arg, struct udp_pcb *pcb, struct pbuf *p, const ip_addr_t *from, u16_t port)
{
    (void)arg;
    udp_sendto(pcb, p, from, port);
    pbuf_free(p);
}

static u8_t raw(void *arg, struct raw_pcb *pcb, struct pbuf *p, const ip_addr_t *from)
{
    (void)arg, (void)pcb, (void)from;
    if (mood & 16) {
        pbuf_free(p);
        return 1;
    }
    return 0;
}

static void found(const char *name, const ip_addr_t *address, void *arg)
{
    (void)name, (void)address, (void)arg;
}

static void deliver(const Bytes *frame, unsigned what)
{
    size_t sizes[16], n = what >> 4, done = 0;
    for (size_t i = 0; i < n; i++) {
        sizes[i] = i == 0 ? LWIP_MIN(frame->size, 14 + 20 + (size_t)(what * 7) % 60)
                          : (frame->size - done) / 3;
        done += sizes[i];
    }
    host_receive_pieces(frame, sizes, n);
}

static void segment(const uint8_t *at, size_t size)
{
    if (size < 6) {
        return;
    }
    struct tcp_pcb *pcb = tcp_active_pcbs;
    for (unsigned i = at[0] & 3; i > 0 && pcb != NULL && pcb->next != NULL; i--) {
        pcb = pcb->next;
    }
    Segment s = { .from = (uint16_t)(at[0] >> 6),
                  .to = 7,
                  .seq = PEER_ISS,
                  .flags = at[1],
                  .window = (uint16_t)(at[2] * 16) };
    if (pcb != NULL && IP_IS_V4_VAL(pcb->remote_ip) && (at[0] & 32) == 0) {
        s.from = pcb->remote_port;
        s.to = pcb->local_port;
        s.seq = pcb->rcv_nxt + (uint32_t)(int8_t)at[3] * (at[0] & 16 ? 97u : 1u);
        s.ack = at[4] & 128 ? pcb->snd_nxt - (at[4] & 127) : pcb->lastack + at[4];
    }
    s.options = at + 6;
    s.options_size = LWIP_MIN(size - 6, (at[5] & 15) * 4u) & ~3u;
    static uint8_t filler[1024];
    memcpy(filler, at, size);
    s.data = filler;
    s.size = LWIP_MIN(sizeof filler, (size_t)(at[5] >> 4) * 67);
    receive_tcp(&s);
}

static void datagram(const uint8_t *at, size_t size)
{
    if (size < 2) {
        return;
    }
    Bytes b = { 0 };
    unsigned to = 9;
    if (at[0] % 3 == 1) {
        to = 68;
    } else if (at[0] % 3 == 2) {
        for (struct udp_pcb *pcb = udp_pcbs; pcb != NULL; pcb = pcb->next) {
            if (pcb->local_port > 100) {
                to = pcb->local_port;
            }
        }
    }
    put16(&b, to == 68 ? 67 : 53);
    put16(&b, to);
    put32(&b, 0);
    if (to == 68) {
        put32(&b, 0x02010600);
        put32(&b, netif_dhcp_data(&host_netif)->xid);
        b.size += 20;
        put(&b, host_netif.hwaddr, 6);
        b.size = 8 + 44;
        put(&b, at + 1, LWIP_MIN(size - 1, 40));
        b.size = 8 + 236;
        put32(&b, 0x63825363);
    } else if (to != 9) {
        for (unsigned i = 1; i <= host_sent_count && i < 64; i++) { // the id of the last query
            const Bytes *q = &host_sent[(host_sent_count - i) % 64];
            if (q->at[23] == IP_PROTO_UDP && get16(q->at + 36) == 53) {
                put16(&b, get16(q->at + 42));
                break;
            }
        }
    }
    put(&b, at + 1, size - 1);
    b = ip4(IP_PROTO_UDP, 1, &b);
    deliver(&b, at[0]);
}

static void one(unsigned what, const uint8_t *at, size_t size)
{
    Bytes b = { 0 };
    switch (what & 15) {
    case 0 ... 3:
        put(&b, at, size);
        if ((what & 15) == 3) {
            b.size *= 6;
        }
        if (b.size > 0) {
            deliver(&b, what);
        }
        break;
    case 4 ... 7:
        if (size > 4) {
            put(&b, at + 4, size - 4);
            b = ip4_fragment(at[0], at[1] & 7, at[2] & 3, (at[3] & 31) * 8u, at[3] >> 7, &b);
            deliver(&b, what);
        }
        break;
    case 8 ... 11:
        if (size > 2) {
            put(&b, at + 2, size - 2);
            b = ip6(at[0], at[1] & 128 ? 0xfe80 : 0xfd00, at[1] & 15, at[1] & 64 ? 1 : 2, &b);
            deliver(&b, what);
        }
        break;
    case 12:
        segment(at, size);
        break;
    case 13:
        host_pass(size > 0 ? at[0] * 50u : 1000);
        break;
    case 14:
        mood = size > 0 ? at[0] : 0;
        if (last != NULL && size > 1) {
            tcp_write(last, at, (u16_t)size, TCP_WRITE_FLAG_COPY);
            tcp_output(last);
        }
        break;
    default:
        datagram(at, size);
    }
}

static void tear_down(void)
{
    last = NULL;
    for (struct tcp_pcb *pcb; (pcb = tcp_active_pcbs) != NULL;) {
        tcp_abort(pcb);
    }
    for (struct tcp_pcb *pcb; (pcb = tcp_tw_pcbs) != NULL;) {
        tcp_abort(pcb);
    }
    dhcp_release_and_stop(&host_netif);
    netif_set_down(&host_netif);
    host_pass(500); // the timer of TCP ends with the connections
    etharp_cleanup_netif(&host_netif);
    nd6_cleanup_netif(&host_netif);
    for (unsigned i = 0; i < 70; i++) { // lookups and fragments are given up
        ip_reass_tmr();
        ip6_reass_tmr();
        dns_tmr();
        etharp_cleanup_netif(&host_netif);
        nd6_cleanup_netif(&host_netif);
    }
    nd6_clear_destination_cache();
    ip4_addr_t address, mask, gateway;
    IP4_ADDR(&address, 10, 0, 0, 2);
    IP4_ADDR(&mask, 255, 255, 255, 0);
    IP4_ADDR(&gateway, 10, 0, 0, 1);
    for (s8_t i = 2; i < LWIP_IPV6_NUM_ADDRESSES; i++) {
        netif_ip6_addr_set_state(&host_netif, i, IP6_ADDR_INVALID);
    }
    for (s8_t i = 0; i < 2; i++) {
        netif_ip6_addr_set_state(&host_netif, i, IP6_ADDR_PREFERRED);
    }
    netif_set_addr(&host_netif, &address, &mask, &gateway);
    netif_set_up(&host_netif);
    etharp_cleanup_netif(&host_netif);
    nd6_cleanup_netif(&host_netif);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct dhcp dhcp;
    static long before;
    if (listener == NULL) {
        host_start_quiet();
        dhcp_set_struct(&host_netif, &dhcp);
        struct tcp_pcb *pcb = tcp_new_ip_type(IPADDR_TYPE_ANY);
        tcp_bind(pcb, IP_ANY_TYPE, 7);
        pcb = tcp_listen(pcb);
        listener = (struct tcp_pcb_listen *)pcb;
        tcp_accept(pcb, accepted);
        struct udp_pcb *udp = udp_new_ip_type(IPADDR_TYPE_ANY);
        udp_bind(udp, IP_ANY_TYPE, 9);
        udp_recv(udp, echo, NULL);
        raw_recv(raw_new(1), raw, NULL);
        raw_recv(raw_new_ip_type(IPADDR_TYPE_V6, 58), raw, NULL);
        ip4_addr_t group;
        IP4_ADDR(&group, 224, 0, 0, 99);
        igmp_joingroup_netif(&host_netif, &group);
        tear_down();
        before = host_live;
    }
    mood = 0;
    learn_arp(1);
    dhcp_start(&host_netif);
    ip_addr_t server = IPADDR4_INIT_BYTES(10, 0, 0, 1), address;
    dns_setserver(0, &server);
    dns_gethostbyname_addrtype(size & 1 ? "ab.cd" : "a", &address, found, NULL,
                               LWIP_DNS_ADDRTYPE_IPV4_IPV6);
    for (size_t i = 0; i + 2 <= size;) {
        size_t length = LWIP_MIN(data[i + 1], size - i - 2);
        one(data[i], data + i + 2, length);
        i += 2 + length;
    }
    tear_down();
    check(listener->accepts_pending == 0);
    if (host_live != before) {
        fprintf(stderr, "%ld allocations are not free again\n", host_live - before);
        abort();
    }
    return 0;
}

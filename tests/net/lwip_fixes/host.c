// SPDX-License-Identifier: MIT
//
// The interface by hand: frames in exact memory, the frames sent, counted allocations.
#include "host.h"

#include <unistd.h>

#include "lwip/ethip6.h"
#include "lwip/igmp.h"

struct netif host_netif;
Bytes host_sent[64];
unsigned host_sent_count;
long host_live;
bool (*host_refuse)(size_t size);
uint32_t host_now;
struct tcp_pcb *host_accepted;
uint32_t host_iss;
static struct tcp_pcb *listener;

static uint32_t random_state = 1;

void host_seed(uint32_t seed)
{
    random_state = seed;
}

unsigned host_random(void)
{
    random_state = random_state * 1664525u + 1013904223u;
    return random_state >> 8;
}

void *host_malloc(size_t size)
{
    if (host_refuse != NULL && host_refuse(size)) {
        return NULL;
    }
    host_live++;
    return malloc(size);
}

void *host_calloc(size_t count, size_t size)
{
    host_live++;
    return calloc(count, size);
}

void host_free(void *p)
{
    host_live -= p != NULL;
    free(p);
}

u32_t sys_now(void)
{
    return host_now;
}

static err_t output(struct netif *netif, struct pbuf *p)
{
    (void)netif;
    Bytes *b = &host_sent[host_sent_count++ % 64];
    check(p->tot_len <= sizeof b->at);
    b->size = pbuf_copy_partial(p, b->at, p->tot_len, 0);
    return ERR_OK;
}

static err_t setup(struct netif *netif)
{
    static const uint8_t address[] = { 2, 0, 0, 0, 0, 2 };
    netif->name[0] = 'h';
    netif->name[1] = 'o';
    netif->output = etharp_output;
    netif->output_ip6 = ethip6_output;
    netif->linkoutput = output;
    netif->mtu = 1500;
    netif->hwaddr_len = 6;
    memcpy(netif->hwaddr, address, 6);
    netif->flags = NETIF_FLAG_BROADCAST | NETIF_FLAG_ETHARP | NETIF_FLAG_ETHERNET |
                   NETIF_FLAG_IGMP | NETIF_FLAG_MLD6 | NETIF_FLAG_LINK_UP;
    return ERR_OK;
}

void host_start(void)
{
    alarm(10);
    host_start_quiet();
}

void host_start_quiet(void)
{
    lwip_init();
    ip4_addr_t address, mask, gateway;
    IP4_ADDR(&address, 10, 0, 0, 2);
    IP4_ADDR(&mask, 255, 255, 255, 0);
    IP4_ADDR(&gateway, 10, 0, 0, 1);
    netif_add(&host_netif, &address, &mask, &gateway, NULL, setup, ethernet_input);
    netif_set_default(&host_netif);
    ip6_addr_t local;
    IP6_ADDR(&local, PP_HTONL(0xfe800000), 0, 0, PP_HTONL(2));
    ip6_addr_assign_zone(&local, IP6_UNICAST, &host_netif);
    netif_ip6_addr_set(&host_netif, 0, &local);
    netif_ip6_addr_set_state(&host_netif, 0, IP6_ADDR_PREFERRED);
    IP6_ADDR(&local, PP_HTONL(0xfd000000), 0, 0, PP_HTONL(2));
    netif_ip6_addr_set(&host_netif, 1, &local);
    netif_ip6_addr_set_state(&host_netif, 1, IP6_ADDR_PREFERRED);
    netif_set_up(&host_netif);
}

void host_pass(unsigned ms)
{
    for (unsigned i = 0; i < ms; i += 50) {
        host_now += 50;
        sys_check_timeouts();
    }
}

typedef struct Piece {
    struct pbuf_custom p;
    uint8_t *data;
} Piece;

static void free_piece(struct pbuf *p)
{
    Piece *piece = (Piece *)p;
    free(piece->data);
    free(piece);
}

void host_receive_pieces(const Bytes *frame, const size_t *sizes, size_t count)
{
    struct pbuf *all = NULL;
    size_t done = 0;
    for (size_t i = 0; i <= count; i++) {
        size_t size = i < count ? sizes[i] : frame->size - done;
        if (size == 0) {
            continue; // no driver has such
        }
        check(done + size <= frame->size);
        Piece *piece = calloc(1, sizeof *piece);
        piece->data = malloc(size);
        memcpy(piece->data, frame->at + done, size);
        piece->p.custom_free_function = free_piece;
        struct pbuf *p = pbuf_alloced_custom(PBUF_RAW, (u16_t)size, PBUF_REF, &piece->p,
                                             piece->data, (u16_t)size);
        if (all == NULL) {
            all = p;
        } else {
            pbuf_cat(all, p);
        }
        done += size;
    }
    if (all != NULL) {
        host_netif.input(all, &host_netif);
    }
}

void host_receive(const Bytes *frame)
{
    host_receive_pieces(frame, NULL, 0);
}

void put(Bytes *b, const void *data, size_t size)
{
    check(b->size + size <= sizeof b->at);
    if (size > 0) {
        memcpy(b->at + b->size, data, size);
    }
    b->size += size;
}

void put8(Bytes *b, unsigned x)
{
    uint8_t byte = (uint8_t)x;
    put(b, &byte, 1);
}

void put16(Bytes *b, unsigned x)
{
    put8(b, x >> 8);
    put8(b, x);
}

void put32(Bytes *b, uint32_t x)
{
    put16(b, x >> 16);
    put16(b, x);
}

unsigned get16(const uint8_t *p)
{
    return (unsigned)p[0] << 8 | p[1];
}

uint32_t get32(const uint8_t *p)
{
    return (uint32_t)get16(p) << 16 | get16(p + 2);
}

Bytes ethernet(unsigned type, const Bytes *payload)
{
    static const uint8_t addresses[] = { 2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1 };
    Bytes b = { 0 };
    put(&b, addresses, sizeof addresses);
    put16(&b, type);
    put(&b, payload->at, payload->size);
    return b;
}

Bytes ip4_fragment(unsigned proto, unsigned source, unsigned id, unsigned offset, bool more,
                   const Bytes *payload)
{
    Bytes b = { 0 };
    put16(&b, 0x4500);
    put16(&b, (unsigned)(20 + payload->size));
    put16(&b, id);
    put16(&b, offset / 8 | (more ? 0x2000 : 0));
    put16(&b, 64 << 8 | proto);
    put16(&b, 0);
    put32(&b, 0x0a000000 | source);
    put32(&b, 0x0a000002);
    put(&b, payload->at, payload->size);
    return ethernet(0x0800, &b);
}

Bytes ip4(unsigned proto, unsigned source, const Bytes *payload)
{
    return ip4_fragment(proto, source, 0, 0, false, payload);
}

void put_ip6(Bytes *b, unsigned prefix, unsigned last)
{
    put32(b, (uint32_t)prefix << 16);
    put32(b, prefix == 0xff02 && last > 0xffffff ? 0 : 0);
    put32(b, 0);
    put32(b, last);
}

Bytes ip6(unsigned next, unsigned prefix, unsigned source, unsigned destination,
          const Bytes *payload)
{
    Bytes b = { 0 };
    put32(&b, 0x60000000);
    put16(&b, (unsigned)payload->size);
    put16(&b, next << 8 | 255);
    put_ip6(&b, prefix, source);
    put_ip6(&b, destination == 1 ? 0xff02 : prefix, destination);
    put(&b, payload->at, payload->size);
    return ethernet(0x86dd, &b);
}

Bytes tcp(const Segment *s)
{
    Bytes b = { 0 };
    put16(&b, s->from);
    put16(&b, s->to);
    put32(&b, s->seq);
    put32(&b, s->ack);
    put16(&b, (unsigned)(5 + s->options_size / 4) << 12 | s->flags);
    put16(&b, s->window);
    put32(&b, 0);
    put(&b, s->options, s->options_size);
    put(&b, s->data, s->size);
    return b;
}

void receive_tcp(const Segment *s)
{
    Bytes b = tcp(s);
    b = ip4(IP_PROTO_TCP, 1, &b);
    host_receive(&b);
}

void learn_arp(unsigned last)
{
    Bytes b = { 0 };
    put32(&b, 0x00010800);
    put32(&b, 0x06040002);
    put16(&b, 0x0200);
    put32(&b, last);
    put32(&b, 0x0a000000 | last);
    put(&b, host_netif.hwaddr, 6);
    put32(&b, 0x0a000002);
    b = ethernet(0x0806, &b);
    host_receive(&b);
}

void learn_nd(unsigned prefix, unsigned last)
{
    Bytes b = { 0 };
    put32(&b, 136u << 24);
    put32(&b, 0x60000000);
    put_ip6(&b, prefix, last);
    put16(&b, 0x0201);
    put16(&b, 0x0200);
    put32(&b, last);
    b = ip6(58, prefix, last, 2, &b);
    host_receive(&b);
}

static const Bytes *last_question(void)
{
    for (unsigned i = host_sent_count; i > 0 && i + 64 > host_sent_count; i--) {
        const Bytes *b = &host_sent[(i - 1) % 64];
        if (b->size >= 54 && get16(b->at + 12) == 0x0800 && b->at[23] == IP_PROTO_UDP &&
            get16(b->at + 36) == 53) {
            return b;
        }
    }
    return NULL;
}

void answer_dns(unsigned port, const void *name, size_t size)
{
    const Bytes *question = last_question();
    check(question != NULL);
    Bytes b = { 0 };
    put16(&b, port);
    put16(&b, get16(question->at + 34));
    put32(&b, 0);
    put16(&b, get16(question->at + 42));
    put16(&b, 0x8180);
    put32(&b, 0x00010001);
    put32(&b, 0);
    if (name != NULL) {
        put(&b, name, size);
    } else {
        put(&b, question->at + 54, question->size - 54 - 4);
    }
    put32(&b, 0x00010001);
    put16(&b, 0xc00c);
    put32(&b, 0x00010001);
    put32(&b, 60);
    put16(&b, 4);
    put32(&b, 0x01020304);
    b = ip4(IP_PROTO_UDP, 1, &b);
    host_receive(&b);
}

const uint8_t *sent_to(unsigned port)
{
    for (unsigned i = host_sent_count; i > 0 && i + 64 > host_sent_count; i--) {
        const Bytes *b = &host_sent[(i - 1) % 64];
        if (b->size >= 54 && get16(b->at + 12) == 0x0800 && b->at[23] == IP_PROTO_TCP &&
            get16(b->at + 36) == port) {
            return b->at + 34;
        }
    }
    return NULL;
}

static err_t accepted(void *arg, struct tcp_pcb *pcb, err_t err)
{
    (void)arg, (void)err;
    host_accepted = pcb;
    return ERR_OK;
}

struct tcp_pcb *connect_from(unsigned port, const void *options, size_t options_size,
                             unsigned window)
{
    if (listener == NULL) {
        learn_arp(1);
        struct tcp_pcb *pcb = tcp_new();
        check(tcp_bind(pcb, IP_ADDR_ANY, 7) == ERR_OK);
        listener = tcp_listen(pcb);
        tcp_accept(listener, accepted);
    }
    host_accepted = NULL;
    receive_tcp(&(Segment){ .from = (uint16_t)port,
                            .to = 7,
                            .seq = PEER_ISS,
                            .flags = TCP_SYN,
                            .window = (uint16_t)window,
                            .options = options,
                            .options_size = options_size });
    const uint8_t *answer = sent_to(port);
    check(answer != NULL && (answer[13] & (TCP_SYN | TCP_ACK)) == (TCP_SYN | TCP_ACK));
    host_iss = get32(answer + 4);
    receive_tcp(&(Segment){ .from = (uint16_t)port,
                            .to = 7,
                            .seq = PEER_ISS + 1,
                            .ack = host_iss + 1,
                            .flags = TCP_ACK,
                            .window = (uint16_t)window });
    check(host_accepted != NULL);
    return host_accepted;
}

// SPDX-License-Identifier: MIT
//
// The network benchmark's servers as raw lwIP callbacks, without tasklets: the baseline. Written as one
// would who counts instructions: no layer, no copy that is not needed, data is answered from the buffers
// that it came in.
#include <string.h>

#include "kernel/tasklet.h"
#include "lwip/tcp.h"
#include "lwip/udp.h"
#include "net/stack.h"
#include "tests/bench/net_bench.h"

static const uint8_t constants[BLOCK];
static char buffer[BLOCK];

static err_t end(struct tcp_pcb *pcb)
{
    tcp_arg(pcb, NULL);
    tcp_recv(pcb, NULL);
    tcp_sent(pcb, NULL);
    if (tcp_close(pcb) != ERR_OK) {
        tcp_abort(pcb);
        return ERR_ABRT;
    }
    return ERR_OK;
}

static err_t echo(void *arg, struct tcp_pcb *pcb, struct pbuf *p, err_t error)
{
    (void)arg;
    (void)error;
    if (p == NULL) {
        return end(pcb);
    }
    for (struct pbuf *q = p; q != NULL; q = q->next) {
        if (tcp_write(pcb, q->payload, q->len, TCP_WRITE_FLAG_COPY) != ERR_OK) {
            return ERR_MEM; // lwIP offers it again
        }
    }
    tcp_recved(pcb, p->tot_len);
    tcp_output(pcb);
    pbuf_free(p);
    return ERR_OK;
}

static err_t discard(void *arg, struct tcp_pcb *pcb, struct pbuf *p, err_t error)
{
    (void)arg;
    (void)error;
    if (p == NULL) {
        return end(pcb);
    }
    tcp_recved(pcb, p->tot_len);
    pbuf_free(p);
    return ERR_OK;
}

static err_t discard_copy(void *arg, struct tcp_pcb *pcb, struct pbuf *p, err_t error)
{
    if (p != NULL) {
        pbuf_copy_partial(p, buffer, p->tot_len, 0);
    }
    return discard(arg, pcb, p, error);
}

static void fill(struct tcp_pcb *pcb, const void *from, u8_t flags)
{
    while (tcp_sndbuf(pcb) >= BLOCK && tcp_write(pcb, from, BLOCK, flags) == ERR_OK) {
    }
    tcp_output(pcb);
}

static err_t more(void *arg, struct tcp_pcb *pcb, u16_t length)
{
    (void)length;
    fill(pcb, arg, arg == buffer ? TCP_WRITE_FLAG_COPY : 0);
    return ERR_OK;
}

static void begin_source(struct tcp_pcb *pcb, const void *from)
{
    tcp_arg(pcb, (void *)(uintptr_t)from);
    tcp_sent(pcb, more);
    more((void *)(uintptr_t)from, pcb, 0);
}

struct request {
    char text[256];
    size_t have;
};

static struct request requests[64];

static err_t http(void *arg, struct tcp_pcb *pcb, struct pbuf *p, err_t error)
{
    struct request *r = arg;

    (void)error;
    if (p == NULL) {
        r->have = SIZE_MAX;
        return end(pcb);
    }
    if (p->tot_len > sizeof r->text - r->have) {
        pbuf_free(p);
        r->have = SIZE_MAX;
        return end(pcb);
    }
    pbuf_copy_partial(p, r->text + r->have, p->tot_len, 0);
    r->have += p->tot_len;
    tcp_recved(pcb, p->tot_len);
    pbuf_free(p);
    if (r->have >= 4 && memcmp(r->text + r->have - 4, "\r\n\r\n", 4) == 0) {
        r->have = 0;
        tcp_write(pcb, bench_page, sizeof bench_page - 1, 0);
        tcp_output(pcb);
    }
    return ERR_OK;
}

static err_t accept(void *arg, struct tcp_pcb *pcb, err_t error)
{
    if (error != ERR_OK || pcb == NULL) {
        return ERR_OK;
    }
    tcp_nagle_disable(pcb);
    switch ((uintptr_t)arg) {
    case PORT_ECHO:
        tcp_recv(pcb, echo);
        break;
    case PORT_DISCARD:
        tcp_recv(pcb, discard);
        break;
    case PORT_DISCARD_COPY:
        tcp_recv(pcb, discard_copy);
        break;
    case PORT_SOURCE:
        begin_source(pcb, constants);
        break;
    case PORT_SOURCE_COPY:
        begin_source(pcb, buffer);
        break;
    case PORT_CLOSE:
        return end(pcb);
    default:
        for (size_t i = 0; i < sizeof requests / sizeof requests[0]; i++) {
            if (requests[i].have == SIZE_MAX) {
                requests[i].have = 0;
                tcp_arg(pcb, &requests[i]);
                tcp_recv(pcb, http);
                return ERR_OK;
            }
        }
        return ERR_MEM;
    }
    return ERR_OK;
}

static void open_door(uint16_t port)
{
    struct tcp_pcb *pcb = tcp_new_ip_type(IPADDR_TYPE_ANY);

    ip_set_option(pcb, SOF_REUSEADDR);
    tcp_bind(pcb, IP_ANY_TYPE, port);
    pcb = tcp_listen_with_backlog(pcb, 48);
    tcp_arg(pcb, (void *)(uintptr_t)port);
    tcp_accept(pcb, accept);
}

static void marked(void *arg, struct udp_pcb *pcb, struct pbuf *p, const ip_addr_t *from,
                   u16_t port)
{
    (void)arg;
    mark();
    udp_sendto(pcb, p, from, port);
    pbuf_free(p);
}

int main(void)
{
    static const uint16_t ports[] = { PORT_ECHO,   PORT_DISCARD,     PORT_DISCARD_COPY,
                                      PORT_SOURCE, PORT_SOURCE_COPY, PORT_CLOSE,
                                      PORT_HTTP };

    net_start(&bench_config);
    for (size_t i = 0; i < sizeof requests / sizeof requests[0]; i++) {
        requests[i].have = SIZE_MAX;
    }
    net_enter();
    for (size_t i = 0; i < sizeof ports / sizeof ports[0]; i++) {
        open_door(ports[i]);
    }
    struct udp_pcb *pcb = udp_new_ip_type(IPADDR_TYPE_ANY);

    udp_bind(pcb, IP_ANY_TYPE, PORT_MARK);
    udp_recv(pcb, marked, NULL);
    net_leave();
    return 0;
}

// SPDX-License-Identifier: MIT
//
// The list of connections, for netstat: lwIP's four lists one behind the other.
#include "lwip/priv/tcp_priv.h"
#include "lwip/udp.h"
#include "net/net.h"
#include "net/stack.h"

// By lwIP's enum tcp_state.
static const char *const states[] = { "closed",      "listen",     "syn-sent",   "syn-received",
                                      "established", "fin-wait-1", "fin-wait-2", "close-wait",
                                      "closing",     "last-ack",   "time-wait" };

static bool nth_tcp(const struct tcp_pcb *pcb, unsigned *index, struct net_connection *c)
{
    for (; pcb != NULL; pcb = pcb->next) {
        if ((*index)-- == 0) {
            *c = (struct net_connection){ .kind = "tcp",
                                          .state = states[pcb->state],
                                          .local = net_from_lwip(&pcb->local_ip, pcb->local_port) };
            if (pcb->state != LISTEN) { // those are shorter
                c->peer = net_from_lwip(&pcb->remote_ip, pcb->remote_port);
            }
            return true;
        }
    }
    return false;
}

static bool nth_udp(const struct udp_pcb *pcb, unsigned *index, struct net_connection *c)
{
    for (; pcb != NULL; pcb = pcb->next) {
        if ((*index)-- == 0) {
            *c =
                (struct net_connection){ .kind = "udp",
                                         .state = "",
                                         .local = net_from_lwip(&pcb->local_ip, pcb->local_port),
                                         .peer = net_from_lwip(&pcb->remote_ip, pcb->remote_port) };
            return true;
        }
    }
    return false;
}

bool net_connection(unsigned index, struct net_connection *c)
{
    return nth_tcp(tcp_listen_pcbs.pcbs, &index, c) || nth_tcp(tcp_active_pcbs, &index, c) ||
           nth_tcp(tcp_tw_pcbs, &index, c) || nth_udp(udp_pcbs, &index, c);
}

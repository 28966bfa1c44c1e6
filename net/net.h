// SPDX-License-Identifier: MIT
//
// The network interface: start it, ask about it. Connections are in net/sock.h, names in net/dns.h.
//
//     net_start(&(struct net_config){ .name = "sensor-7" });      // DHCP, and IPv6 as routers say
//     if (net_wait(after_ms(10000)) == 0) { ... }
//
// The stack is lwIP, run by a poller and by the socket calls themselves: there is no network task.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "kernel/time.h"
#include "net/addr.h"

// How the interface gets its addresses. All zero: by DHCP, and an address of the link (IPv6).
struct net_config {
    const char *name;        // for DHCP: the host's name, kept by reference; NULL: the board's
    struct net_addr address; // IPv4; any: by DHCP
    struct net_addr mask;    // IPv4
    struct net_addr gateway; // IPv4; may be any
    struct net_addr dns;     // a name server, if DHCP gives none
    struct net_addr
        fallback;         // if DHCP does not answer in fallback_ms: this address, with `mask` and
    uint32_t fallback_ms; // `gateway`; DHCP goes on and wins when it answers. 0: never
};

// Starts the interface. `c` may be NULL. Returns 0; -EALREADY the second time; or the device's error,
// -ENODEV, -ETIMEDOUT. Context: tasklet, once.
int net_start(const struct net_config *c);

// Waits until the interface has an IPv4 address. 0, -ETIMEDOUT, -ECANCELED. Context: tasklet.
int net_wait(deadline_t d);

// The interface's addresses: IPv4, then IPv6, `index` from 0. False if there is none of that index.
// Contexts: tasklet, poll.
bool net_address(unsigned index, struct net_addr *a);
bool net_gateway(struct net_addr *a);

// True while there is a wire.
bool net_link(void);

// Counters since the start. What is in use now and the most ever are of the pools; "refused" and
// "dropped" say what a full pool turned away.
struct net_pool {
    const char *name;
    uint16_t used, most, size;
    uint32_t refused;
};
struct net_statistics {
    uint32_t frames_in, frames_out;          //
    uint32_t frames_dropped;                 // no buffer for them, or no protocol
    uint32_t device_overruns, device_errors; //
    uint32_t tcp_in, tcp_out, tcp_dropped;   // segments
    uint32_t udp_in, udp_out, udp_dropped;   // datagrams
    uint32_t refused;                        // connections that came when all sockets were in use
    uint32_t checksum_errors;
};
void net_statistics(struct net_statistics *s);

// The pools, `index` from 0; false if there is none of that index.
bool net_pool(unsigned index, struct net_pool *p);

// The connections, listeners and UDP sockets, `index` from 0; false if there is none of that index. For
// people to look at: between two calls one may come or go. Contexts: tasklet, poll.
struct net_connection {
    const char *kind;  // "tcp" or "udp"
    const char *state; // of RFC 9293, in lower case; of UDP ""
    struct net_addr local, peer;
};
bool net_connection(unsigned index, struct net_connection *c);

// SPDX-License-Identifier: MIT
// A network interface whose frames are written and read by hand, for the tests of our fixes to lwIP.
#ifndef HOST_H
#define HOST_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "lwip/dhcp.h"
#include "lwip/dns.h"
#include "lwip/etharp.h"
#include "lwip/init.h"
#include "lwip/ip6.h"
#include "lwip/ip6_frag.h"
#include "lwip/ip4_frag.h"
#include "lwip/nd6.h"
#include "lwip/netif.h"
#include "lwip/raw.h"
#include "lwip/tcp.h"
#include "lwip/priv/tcp_priv.h"
#include "lwip/timeouts.h"
#include "lwip/udp.h"
#include "netif/ethernet.h"

#define check(x)                                                                                   \
    do {                                                                                           \
        if (!(x)) {                                                                                \
            fprintf(stderr, "%s:%d: not true: %s\n", __FILE__, __LINE__, #x);                      \
            exit(1);                                                                               \
        }                                                                                          \
    } while (0)

typedef struct Bytes {
    size_t size;
    uint8_t at[2048];
} Bytes;

// What a TCP segment says; the acknowledgment counts only with the flag.
typedef struct Segment {
    uint16_t from, to;
    uint32_t seq, ack;
    uint8_t flags;
    uint16_t window;
    const void *options;
    size_t options_size; // a multiple of 4
    const void *data;
    size_t size;
} Segment;

extern struct netif host_netif;          // 10.0.0.2/24, fe80::2 and fd00::2, 02:00:00:00:00:02
extern Bytes host_sent[64];              // the frames that lwIP sent, the last 64 of them
extern unsigned host_sent_count;         // all that it sent
extern long host_live;                   // allocations that were not freed
extern bool (*host_refuse)(size_t size); // true: this allocation fails
extern uint32_t host_now;

void host_start(void);         // ends the program after ten seconds: some flaws are endless loops
void host_start_quiet(void);   // for whoever watches over the time himself
void host_pass(unsigned ms);   // lets time go by
void host_seed(uint32_t seed); // of what is random

// Hands over a frame, whole or in pieces of these sizes (the last piece takes the rest); each piece
// has not one byte more of memory than it needs.
void host_receive(const Bytes *frame);
void host_receive_pieces(const Bytes *frame, const size_t *sizes, size_t count);

void put(Bytes *b, const void *data, size_t size);
void put8(Bytes *b, unsigned x);
void put16(Bytes *b, unsigned x);
void put32(Bytes *b, uint32_t x);
unsigned get16(const uint8_t *p);
uint32_t get32(const uint8_t *p);

// Frames: Ethernet and IP headers around a payload. Addresses: the last byte of 10.0.0.x or of the
// given prefix (fe80:: or fd00::).
Bytes ethernet(unsigned type, const Bytes *payload);
Bytes ip4_fragment(unsigned proto, unsigned source, unsigned id, unsigned offset, bool more,
                   const Bytes *payload);
Bytes ip4(unsigned proto, unsigned source, const Bytes *payload);
Bytes ip6(unsigned next, unsigned prefix, unsigned source, unsigned destination,
          const Bytes *payload);
Bytes tcp(const Segment *s);
void put_ip6(Bytes *b, unsigned prefix, unsigned last);
void receive_tcp(const Segment *s); // from 10.0.0.1
void learn_arp(unsigned last);      // 10.0.0.last has 02:00:00:00:00:last
void learn_nd(unsigned prefix, unsigned last);

// Answers the last question with 1.2.3.4, from a port of 10.0.0.1, and as if it had been about this name,
// in the labels of DNS; NULL: about what it was about.
void answer_dns(unsigned port, const void *name, size_t size);

// The TCP header of the last segment that lwIP sent to the port; 0: none.
const uint8_t *sent_to(unsigned port);

// A connection from 10.0.0.1:port to the listening port 7 of which the peer has sent `next` - 1 so far.
struct tcp_pcb *connect_from(unsigned port, const void *options, size_t options_size,
                             unsigned window);
extern struct tcp_pcb *host_accepted;
extern uint32_t host_iss; // our initial sequence number in connect_from's connection
#define PEER_ISS 1000u

#endif

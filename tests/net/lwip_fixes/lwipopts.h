// SPDX-License-Identifier: MIT
// lwIP as the tests of our fixes want it: every allocation is one of malloc's, so that the address
// sanitizer sees each byte too far; checksums are not looked at; assertions end the program.
#ifndef LWIPOPTS_H
#define LWIPOPTS_H

#include <stddef.h>

void *host_malloc(size_t size);
void *host_calloc(size_t count, size_t size);
void host_free(void *p);
unsigned host_random(void);

#define NO_SYS               1
#define SYS_LIGHTWEIGHT_PROT 0
#define LWIP_NETCONN         0
#define LWIP_SOCKET          0
#define MEM_CUSTOM_ALLOCATOR 1
#define MEMP_MEM_MALLOC      1
#define MEM_CUSTOM_MALLOC    host_malloc
#define MEM_CUSTOM_CALLOC    host_calloc
#define MEM_CUSTOM_FREE      host_free
#define MEM_ALIGNMENT        8
#define LWIP_RAND()          host_random()

#define LWIP_IPV6                      1
#define IPV6_FRAG_COPYHEADER           1
#define LWIP_IPV6_DUP_DETECT_ATTEMPTS  0
#define LWIP_DHCP                      1
#define LWIP_DNS                       1
#define DNS_MAX_TTL                    60 // what is known is soon forgotten
#define LWIP_ACD                       0
#define LWIP_NETIF_HOSTNAME            1
#define LWIP_DHCP_DOES_ACD_CHECK       0
#define LWIP_IGMP                      1
#define LWIP_RAW                       1
#define LWIP_ICMP6_DATASIZE            64
#define TCP_LISTEN_BACKLOG             1
#define TCP_DEFAULT_LISTEN_BACKLOG     4
#define LWIP_TCP_SACK_OUT              1
#define LWIP_ND6_NUM_NEIGHBORS         4
#define LWIP_ND6_RDNSS_MAX_DNS_SERVERS 1
#define TCP_MSS                        536
#define TCP_WND                        (4 * TCP_MSS)
#define TCP_SND_BUF                    (4 * TCP_MSS)
#ifndef LWIP_ND6_QUEUEING
#define LWIP_ND6_QUEUEING 0
#endif
#ifndef LWIP_TCP_TIMESTAMPS
#define LWIP_TCP_TIMESTAMPS 0
#endif
#ifndef LWIP_NETIF_TX_SINGLE_PBUF
#define LWIP_NETIF_TX_SINGLE_PBUF 1
#endif
#define LWIP_STATS 0

#define CHECKSUM_CHECK_IP    0
#define CHECKSUM_CHECK_UDP   0
#define CHECKSUM_CHECK_TCP   0
#define CHECKSUM_CHECK_ICMP  0
#define CHECKSUM_CHECK_ICMP6 0

#endif

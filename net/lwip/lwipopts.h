// SPDX-License-Identifier: MIT
//
// lwIP as Stint uses it: no system layer, its raw interface, one poller that feeds it. What is not
// here is as in lwIP's opt.h. Sizes come in two: boards with little RAM (64 KB in all) say NET_SMALL=1
// in their board.mk, and any of the numbers may be changed with APP_CPPFLAGS or board.mk.
#pragma once

#include "kernel/config.h"

#ifndef NET_SMALL
#define NET_SMALL 0
#endif

// ---- The system ----
#define NO_SYS                             1
#define LWIP_NETCONN                       0
#define LWIP_SOCKET                        0
#define SYS_LIGHTWEIGHT_PROT               0 // one context at a time: net_enter()
#define LWIP_TIMERS                        1
#define LWIP_TIMERS_CUSTOM                 1 // net/lwip/timers.c: on the kernel's timers
#define LWIP_PROVIDE_ERRNO                 0
#define LWIP_NETIF_TX_SINGLE_PBUF          0
#define LWIP_SINGLE_NETIF                  0
#define LWIP_NETIF_LINK_CALLBACK           0
#define LWIP_NETIF_STATUS_CALLBACK         1
#define LWIP_NETIF_HOSTNAME                1
#define LWIP_NETIF_LOOPBACK                1 // to our own address
#define LWIP_HAVE_LOOPIF                   0
#define LWIP_NETIF_LOOPBACK_MULTITHREADING 0
#define LWIP_LOOPBACK_MAX_PBUFS            16
#define ETH_PAD_SIZE                       2 // NET_PAD
#define LWIP_HOOK_FILENAME                 "net/lwip/hooks.h"
#define MEM_ALIGNMENT                      __SIZEOF_POINTER__
#if CONFIG_ASSERT
#define LWIP_ASSERT_CORE_LOCKED() net_assert_entered()
#else
#define LWIP_NOASSERT 1
#endif
void net_assert_entered(void);

// ---- Memory ----
#ifdef NET_LIBC_MALLOC // the host under sanitizers: each buffer is one of malloc's
#define MEM_LIBC_MALLOC 1
#define MEMP_MEM_MALLOC 1
#endif
#ifndef NET_CONNECTIONS
#define NET_CONNECTIONS (NET_SMALL ? 24 : 128) // TCP, in any state
#endif
#ifndef NET_LISTENERS
#define NET_LISTENERS (NET_SMALL ? 6 : 16)
#endif
#ifndef NET_UDP
#define NET_UDP (NET_SMALL ? 6 : 32)
#endif
#ifndef NET_DATAGRAMS
#define NET_DATAGRAMS (NET_SMALL ? 8 : 64) // received and not read yet
#endif
#ifndef NET_HEAP
#define NET_HEAP (NET_SMALL ? 8192 : 262144) // for data that is being sent
#endif
#ifndef NET_BUFFERS
#define NET_BUFFERS (NET_SMALL ? 28 : 256) // for data that was received
#endif
#define MEM_SIZE                NET_HEAP
#define MEMP_NUM_TCP_PCB        NET_CONNECTIONS
#define MEMP_NUM_TCP_PCB_LISTEN NET_LISTENERS
#define MEMP_NUM_UDP_PCB        (NET_UDP + 2) // DHCP's and DNS's
#define MEMP_NUM_RAW_PCB        4
#define MEMP_NUM_TCP_SEG        (NET_SMALL ? 40 : 1024)
#define MEMP_NUM_PBUF           (NET_SMALL ? 24 : 512) // that refer to constant data
#define MEMP_NUM_REASSDATA      (NET_SMALL ? 2 : 8)
#define MEMP_NUM_FRAG_PBUF      (NET_SMALL ? 6 : 24)
#define MEMP_NUM_ARP_QUEUE      (NET_SMALL ? 6 : 32)
#define MEMP_NUM_ND6_QUEUE      (NET_SMALL ? 4 : 32)
#define PBUF_POOL_SIZE          NET_BUFFERS
#define PBUF_POOL_BUFSIZE       (NET_SMALL ? 320 : 1536)
#define IP_REASS_MAX_PBUFS      (NET_SMALL ? 12 : 40) // 64 KB: more, and lengths could wrap

// ---- Protocols ----
#define LWIP_IPV4 1
#ifndef LWIP_IPV6
#define LWIP_IPV6 (!NET_SMALL)
#endif
#define LWIP_IPV6_FORWARD              0
#define IPV6_FRAG_COPYHEADER           (__SIZEOF_POINTER__ > 4) // its notes fit no header then
#define LWIP_IPV6_AUTOCONFIG           1
#define LWIP_IPV6_DHCP6                0
#define LWIP_IPV6_NUM_ADDRESSES        4
#define LWIP_IPV6_DUP_DETECT_ATTEMPTS  1
#define LWIP_ND6_ALLOW_RA_UPDATES      1
#define LWIP_ND6_RDNSS_MAX_DNS_SERVERS 1
#define LWIP_ICMP                      1
#define LWIP_MULTICAST_PING            0
#define LWIP_BROADCAST_PING            0
#define LWIP_RAW                       1
#define LWIP_IGMP                      1
#define LWIP_IPV6_MLD                  LWIP_IPV6
#define LWIP_MULTICAST_TX_OPTIONS      1
#define LWIP_ARP                       1
#define ARP_QUEUEING                   1
#define ARP_QUEUE_LEN                  3
#define ARP_TABLE_SIZE                 (NET_SMALL ? 8 : 32)
#define ETHARP_SUPPORT_STATIC_ENTRIES  1
#define LWIP_DHCP                      1
#define LWIP_DHCP_DOES_ACD_CHECK       0
#define LWIP_DHCP_GET_NTP_SRV          0
#define LWIP_ACD                       0
#define LWIP_AUTOIP                    0
#define LWIP_DNS                       1
#define DNS_MAX_NAME_LENGTH            128
#define DNS_TABLE_SIZE                 (NET_SMALL ? 2 : 8)
#define DNS_MAX_SERVERS                2
#define DNS_MAX_TTL                    3600 // seconds that a name is kept, whatever its server says
#define LWIP_DNS_SECURE                7    // random ids and ports, no two requests for one name
#define LWIP_UDP                       1
#define LWIP_NETBUF_RECVINFO           0
#define IP_REASSEMBLY                  1
#define IP_FRAG                        1
#define IP_SOF_BROADCAST               1
#define IP_SOF_BROADCAST_RECV          0
#define IP_DEFAULT_TTL                 64

// ---- TCP ----
#define LWIP_TCP                   1
#define TCP_TTL                    64
#define TCP_MSS                    (NET_SMALL ? 536 : 1460)
#define TCP_WND                    (4 * TCP_MSS) // at 6 full segments QEMU's LAN9118 has no room
#define TCP_SND_BUF                (4 * TCP_MSS)
#define TCP_WND_UPDATE_THRESHOLD   (TCP_WND / 2) // bytes read, until the peer is told at once
#define TCP_SND_QUEUELEN           (NET_SMALL ? 12 : 32)
#define TCP_QUEUE_OOSEQ            1
#define TCP_OOSEQ_MAX_PBUFS        (NET_SMALL ? 4 : 32)
#define LWIP_TCP_SACK_OUT          (!NET_SMALL)
#define TCP_LISTEN_BACKLOG         1
#define TCP_DEFAULT_LISTEN_BACKLOG 8
#define LWIP_TCP_KEEPALIVE         1
#define LWIP_TCP_TIMESTAMPS        0
#define LWIP_WND_SCALE             0
#define TCP_OVERSIZE               (NET_SMALL ? 0 : TCP_MSS)
#define SO_REUSE                   1
#define TCP_MSL                    10000UL // ms that TIME-WAIT lasts, halved
#define TCP_CALCULATE_EFF_SEND_MSS 1

// ---- Checksums: the processor's own (arch_checksum), computed when data is copied anyway ----
#define LWIP_CHECKSUM_ON_COPY 0

// ---- Counters ----
#define LWIP_STATS         1
#define LWIP_STATS_DISPLAY 0
#define LWIP_STATS_LARGE   1
#define LINK_STATS         0
#define ETHARP_STATS       0
#define IP_STATS           1
#define IPFRAG_STATS       1
#define ICMP_STATS         0
#define IGMP_STATS         0
#define UDP_STATS          1
#define TCP_STATS          1
#define MEM_STATS          1
#define MEMP_STATS         1
#define SYS_STATS          0
#define IP6_STATS          0
#define ICMP6_STATS        0
#define IP6_FRAG_STATS     0
#define MLD6_STATS         0
#define ND6_STATS          0

// SPDX-License-Identifier: MIT
//
// Where lwIP asks us.
#pragma once

#include "lwip/arch.h"
#include "lwip/ip_addr.h"

// The first sequence number of a connection (RFC 6528): net/isn.c.
u32_t net_tcp_isn(const ip_addr_t *local, u16_t local_port, const ip_addr_t *peer, u16_t peer_port);
#define LWIP_HOOK_TCP_ISN(local, local_port, peer, peer_port)                                      \
    net_tcp_isn(local, local_port, peer, peer_port)

// SPDX-License-Identifier: MIT
//
// The Ethernet device of a Linux process. The environment variable STINT_WIRE says what is at the other
// end of its wire:
//
//     mirror                      the process itself, see drivers/net/host_mirror.h; in virtual time,
//                                 where it is what one gets
//     mirror,loss=3,seed=7        the same in a bad world, see drivers/net/host_wire.h
//     dgram:LOCALPATH:REMOTEPATH  Unix datagram sockets, a frame a datagram, as QEMU's
//                                 -netdev dgram,local.type=unix,...; in real time
//     tap:NAME                    a TAP interface of this machine; in real time
//     none                        no link; what one gets in real time
//
// Received frames wait in a ring of NET_HOST_RING. STINT_MAC=02:00:00:00:00:01 is the device's address
// instead of the board's, for two processes on one wire. A wire that cannot be had is told on stderr,
// and start() returns -ENODEV.
//
// Tests put themselves in the peer's place with net_host_hook(), net_host_inject() and wire_carry().
#pragma once

#include "drivers/net/net.h"

enum { NET_HOST_RING = 64 }; // frames

extern const struct net_driver net_host;

// What STINT_WIRE says otherwise; the text stays the caller's and must live until start().
void net_host_wire(const char *text);

// From now on fn sees each frame that is sent, padded but without NET_PAD, before the wire does, which
// it keeps from it by returning true. In the context of send(); it may call net_host_inject() and, on
// the mirror's wire, wire_carry(). NULL ends that.
void net_host_hook(bool (*fn)(void *arg, const uint8_t *frame, size_t n), void *arg);

// A frame arrives, at once and as it is, whatever is in it; without NET_PAD. Any context.
void net_host_inject(const uint8_t *frame, size_t n);

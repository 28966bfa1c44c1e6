// SPDX-License-Identifier: MIT
//
// What the suites of sockets share: the stack on the mirror's wire, so that whoever connects to a
// foreign address meets ourselves.
#pragma once

#include "drivers/net/host_wire.h"
#include "net/net.h"
#include "net/sock.h"

// Starts the stack with a fixed address. Once.
void peer_start(void);

// A foreign address.
struct net_addr peer_address(uint16_t port);

// What the pools have in use. peer_pools_rest() waits until everything that lingers (TIME-WAIT and the
// like) is over, and checks that they are as they were.
void peer_pools_note(void);
void peer_pools_rest(void);

// A connection: `ours` has called, `theirs` was accepted. peer_close() ends what is left of it, and checks the
// pools.
void peer_open(struct sock **listener, struct sock **ours, struct sock **theirs);
void peer_close(struct sock **listener, struct sock **ours, struct sock **theirs);

// The n-th byte of a stream that never repeats itself soon.
static inline uint8_t peer_byte(uint32_t n)
{
    return (uint8_t)(n * 2654435761u >> 21 ^ n >> 13);
}

// SPDX-License-Identifier: MIT
//
// The inside of the network layer: how lwIP is entered. lwIP is not re-entrant and knows no waiting,
// so each entry stands between net_enter() and net_leave(). It is entered from two sides only: from
// the poller, which feeds it frames and time, and from tasklets, straight from their socket calls.
// Neither preempts the other, so there is no lock; what the brackets add is that a wait between them
// is an assertion.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "kernel/poll_stack.h"
#include "kernel/tasklet.h"
#include "lwip/err.h"
#include "lwip/ip_addr.h"
#include "lwip/netif.h"
#include "net/addr.h"

// The one interface.
extern struct netif net_interface;

static inline void net_enter(void)
{
    no_switch_begin();
}

// The poller delivers what was sent to our own address: nothing else wakes it for that.
void net_deliver(void);

static inline void net_leave(void)
{
    no_switch_end();
    if (net_interface.loop_first != NULL) {
        net_deliver();
    }
}

// Enters lwIP on the poller's stack, where its depth is paid once: 500 bytes and more when it sends. For
// calls from tasklets; fn(arg) runs between the brackets.
static inline intptr_t net_call(intptr_t (*fn)(void *arg), void *arg)
{
    net_enter();
    intptr_t result = on_poll_stack(fn, arg);

    net_leave();
    return result;
}

// A negative errno for lwIP's.
int net_error(err_t error);

// Our addresses and lwIP's.
ip_addr_t net_to_lwip(const struct net_addr *a);
struct net_addr net_from_lwip(const ip_addr_t *ip, uint16_t port);

// Looks at the link. Poll context, once a second.
void net_look(void);

// A port number that nobody can guess, from the range for the purpose (RFC 6335).
uint16_t net_random_port(void);

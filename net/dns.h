// SPDX-License-Identifier: MIT
//
// Names to addresses (RFC 1035), by the servers that DHCP, a router or net_config named. Requests have
// random ids and ports.
#pragma once

#include "kernel/time.h"
#include "net/addr.h"

enum dns_want { DNS_EITHER, DNS_IPV4, DNS_IPV6 }; // either: IPv4 if there is one

// Looks a name up; an address as text is its own answer. 0 and *a, whose port is `port`; -ENOENT: there is
// no such name; -EINVAL: it is none; -EHOSTUNREACH: no server is known; -ENOBUFS: too many at a time;
// -ETIMEDOUT, -ECANCELED. Context: tasklet.
int dns_lookup(const char *name, uint16_t port, enum dns_want want, struct net_addr *a,
               deadline_t d);

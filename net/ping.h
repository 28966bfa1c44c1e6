// SPDX-License-Identifier: MIT
//
// Echo requests (RFC 792, 4443): is somebody there, and how far away?
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "kernel/time.h"
#include "net/addr.h"

enum { PING_SIZE = 56, PING_SIZE_MAX = 1400 }; // bytes of data in a request: usual, at most

// Sends one echo request with `size` bytes of data and waits for its reply. 0, and *microseconds from
// one to the other (NULL: nobody wants to know); -EHOSTUNREACH if a router or the stack says so;
// -ENOBUFS: too many at a time, or no memory; -EMSGSIZE, -EINVAL; -EBADMSG: the data came back
// changed; -ETIMEDOUT, -ECANCELED. Context: tasklet.
int net_ping(const struct net_addr *to, size_t size, uint32_t *microseconds, deadline_t d);

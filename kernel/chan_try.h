// SPDX-License-Identifier: MIT
//
// The parts of a channel operation that do not wait. Private to chan.c and select.c.
#pragma once

#include "kernel/chan.h"

// 0, -EPIPE, or -EAGAIN: then the caller may put a waiter into c->waiting at once, with the
// element's address as its data.
int chan_try_send(struct chan *c, const void *elem);
int chan_try_recv(struct chan *c, void *elem);

// SPDX-License-Identifier: MIT
//
// What both servers of the network benchmark serve, one written with sockets (net_sockets.c), one with
// lwIP's raw callbacks (net_callbacks.c): the price of looking synchronous is the difference.
#pragma once

#include "net/net.h"

enum {
    PORT_ECHO = 7,
    PORT_DISCARD = 9,       // receives, without a copy where that is possible
    PORT_DISCARD_COPY = 10, // receives into a buffer
    PORT_SOURCE = 19,       // sends constants for ever, without a copy
    PORT_SOURCE_COPY = 20,  // sends from a buffer
    PORT_CLOSE = 21,        // accepts and closes
    PORT_HTTP = 80,         // a page of 100 bytes, keep-alive
    PORT_MARK = 99,         // UDP: calls mark(), and answers
    BLOCK = 1460,
};

static const struct net_config bench_config = {
    .address = { .family = NET_IPV4, .bytes = { 10, 9, 0, 2 } },
    .mask = { .family = NET_IPV4, .bytes = { 255, 255, 255, 0 } },
};

// The plug-in (profile.c) writes its counters when the guest comes here.
static __attribute__((noinline, used)) void mark(void)
{
    __asm__ volatile("" ::: "memory");
}

#define TEN "0123456789"

static const char bench_page[] =
    "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 100\r\n\r\n" TEN TEN TEN TEN TEN
        TEN TEN TEN TEN TEN;

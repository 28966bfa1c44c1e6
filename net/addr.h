// SPDX-License-Identifier: MIT
//
// Addresses of the internet: IPv4 or IPv6, and a port.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum net_family { NET_ANY, NET_IPV4, NET_IPV6 };

// All zero, or NULL where that is allowed, means any address.
struct net_addr {
    uint8_t family;    // enum net_family
    uint8_t zone;      // of a link-local IPv6 address: the interface; 0: the only one
    uint16_t port;     // in host order
    uint8_t bytes[16]; // in network order; of IPv4 the first four
};

enum { NET_ADDR_TEXT = 56 }; // "[0000:...]:65535", with room to spare

// 192.0.2.1 and the like.
static inline struct net_addr net_ipv4(uint8_t a, uint8_t b, uint8_t c, uint8_t d, uint16_t port)
{
    return (struct net_addr){ .family = NET_IPV4, .port = port, .bytes = { a, b, c, d } };
}

// Reads "192.0.2.1", "192.0.2.1:80", "2001:db8::1" or "[2001:db8::1]:80" (RFC 4291, 3986); where the
// text has no port, it is `port`. Returns 0, or -EINVAL. Any context.
int net_addr_parse(struct net_addr *a, const char *text, uint16_t port);

// Writes it in the same form, without a port if that is 0. Returns the text. Any context.
char *net_addr_text(const struct net_addr *a, char text[NET_ADDR_TEXT]);

bool net_addr_equal(const struct net_addr *a, const struct net_addr *b);

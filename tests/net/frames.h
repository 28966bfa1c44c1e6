// SPDX-License-Identifier: MIT
//
// Frames made by hand, and the checksums in them, for suites of Ethernet devices without a stack.
// Lengths are without NET_PAD.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { IPV4_AT = 14, UDP4_AT = 34, DATA4_AT = 42, IPV6_AT = 14, UDP6_AT = 54, DATA6_AT = 62 };

extern const uint8_t own_ip4[4], foreign_ip4[4], own_ip6[16], foreign_ip6[16];
extern const uint8_t own_mac[6], foreign_mac[6];

// A datagram from ours to foreign, port 5000 to 7, with n bytes of data that begin with the number and
// go on with what follows from it. n is 4 at least. Returns the length of the frame.
size_t make_udp4(uint8_t *frame, uint32_t number, size_t n);
size_t make_udp6(uint8_t *frame, uint32_t number, size_t n);

// The frame is IPv4 or IPv6 with UDP, TCP or ICMP in it, complete, and every checksum is right.
bool sums_are_right(const uint8_t *frame, size_t n);

// Stores the right checksums in such a frame, whose checksum fields are zero.
void set_sums(uint8_t *frame);

// The number in a datagram, and whether its data are those that were made.
uint32_t number_in(const uint8_t *frame);
bool data_is_right(const uint8_t *frame);

unsigned frame_get16(const uint8_t *at);
void frame_put16(uint8_t *at, unsigned value);

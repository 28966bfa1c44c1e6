// SPDX-License-Identifier: MIT
//
// The peer of the host's Ethernet device: ourselves behind a looking glass. Each IP packet comes back
// with source and destination exchanged, so a client that connects to port 7 of any foreign address
// reaches this process's own server on port 7, which sees the client coming from that address. Both
// ends of a connection are in one process, under one sanitizer and in one virtual time.
//
//     192.0.2.1:5000 -> 198.51.100.9:7   sent
//     198.51.100.9:5000 -> 192.0.2.1:7   received
//
// Checksums stay right, for they are sums of 16-bit words, and words that change places add up to the
// same.
#pragma once

#include <stddef.h>
#include <stdint.h>

enum { MIRROR_FRAME_MIN = 60 }; // without NET_PAD, as all lengths here

// The address of the one who answers for all foreign IP addresses.
extern const uint8_t mirror_mac[6];

// Turns a frame that was sent into the one that comes back, in place, and returns its length; 0 if none
// does. The buffer has room for 86 bytes at least.
//
//   IPv4, IPv6 to one MAC    the same with MAC and IP addresses exchanged; and those of the packet that
//                            an ICMP error quotes
//   ARP request              a reply with mirror_mac, whatever address is asked for; not if it is the
//                            sender's own, or the sender has none yet (a probe)
//   neighbour solicitation   an advertisement with mirror_mac, likewise
//   anything else            nothing; broadcast and multicast are not mirrored
size_t mirror_frame(uint8_t *frame, size_t n);

// The Internet checksum (RFC 1071) of n bytes, the sum of whose predecessors is given, in the order in
// which it is stored; over a sound packet it is 0.
uint16_t mirror_checksum(const uint8_t *bytes, size_t n, uint32_t sum);

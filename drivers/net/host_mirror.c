// SPDX-License-Identifier: MIT
#include "drivers/net/host_mirror.h"

#include <stdbool.h>
#include <string.h>

enum {
    ETHERNET = 14, // bytes of its header: to, from, type
    MAC = 6,
    TYPE_IPV4 = 0x0800,
    TYPE_ARP = 0x0806,
    TYPE_IPV6 = 0x86DD,

    // RFC 826. Offsets from the beginning of the frame.
    ARP_OPERATION = ETHERNET + 6,
    ARP_SENDER_MAC = ETHERNET + 8,
    ARP_SENDER = ETHERNET + 14,
    ARP_TARGET_MAC = ETHERNET + 18,
    ARP_TARGET = ETHERNET + 24,
    ARP_END = ETHERNET + 28,

    IPV4_HEADER = 20,
    IPV4_PROTOCOL = 9,
    IPV4_ADDRESSES = 12,
    IPV6_HEADER = 40,
    IPV6_NEXT = 6,
    IPV6_ADDRESSES = 8,
    ICMP_HEADER = 8,
    PROTOCOL_ICMP = 1,
    PROTOCOL_ICMPV6 = 58,

    // RFC 4861. Offsets from the beginning of the frame.
    ND = ETHERNET + IPV6_HEADER,
    ND_CHECKSUM = ND + 2,
    ND_FLAGS = ND + 4,
    ND_TARGET = ND + 8,
    ND_OPTION = ND + 24,
    ND_SIZE = 32, // of an advertisement with one option
    ND_ROUTER_SOLICITATION = 133,
    ND_SOLICITATION = 135,
    ND_ADVERTISEMENT = 136,
    ND_REDIRECT = 137,
    ND_SOLICITED_OVERRIDE = 0x60,
    ND_TARGET_LINK_ADDRESS = 2,
};

const uint8_t mirror_mac[MAC] = { 0x02, 0x00, 0x00, 0x6D, 0x69, 0x72 };
static const uint8_t nobody[16];

static unsigned get16(const uint8_t *at)
{
    return (unsigned)at[0] << 8 | at[1];
}

static void put16(uint8_t *at, unsigned value)
{
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

// Two neighbours of n bytes each change places.
static void exchange(uint8_t *at, size_t n)
{
    uint8_t first[16];

    memcpy(first, at, n);
    memcpy(at, at + n, n);
    memcpy(at + n, first, n);
}

uint16_t mirror_checksum(const uint8_t *bytes, size_t n, uint32_t sum)
{
    for (size_t i = 0; i + 1 < n; i += 2) {
        sum += get16(bytes + i);
    }
    if (n % 2 != 0) {
        sum += (uint32_t)bytes[n - 1] << 8;
    }
    while (sum >> 16 != 0) {
        sum = (sum & 0xFFFF) + (sum >> 16);
    }
    return (uint16_t)~sum;
}

// From the peer to the one who sent.
static size_t answered(uint8_t *frame)
{
    memcpy(frame, frame + MAC, MAC);
    memcpy(frame + MAC, mirror_mac, MAC);
    return MIRROR_FRAME_MIN;
}

static size_t answer_arp(uint8_t *frame, size_t n)
{
    static const uint8_t request[] = { 0, 1, 8, 0, 6, 4, 0, 1 }; // Ethernet, IPv4, their lengths

    if (n < ARP_END || memcmp(frame + ETHERNET, request, sizeof request) != 0 ||
        memcmp(frame + ARP_SENDER, frame + ARP_TARGET, 4) == 0 ||
        memcmp(frame + ARP_SENDER, nobody, 4) == 0) {
        return 0;
    }
    memcpy(frame + ARP_TARGET_MAC, frame + ARP_SENDER_MAC, MAC);
    memcpy(frame + ARP_SENDER_MAC, mirror_mac, MAC);
    for (size_t i = 0; i < 4; i++) {
        uint8_t asker = frame[ARP_SENDER + i];

        frame[ARP_SENDER + i] = frame[ARP_TARGET + i];
        frame[ARP_TARGET + i] = asker;
    }
    put16(frame + ARP_OPERATION, 2);
    memset(frame + ARP_END, 0, MIRROR_FRAME_MIN - ARP_END);
    return answered(frame);
}

static size_t answer_solicitation(uint8_t *frame)
{
    uint8_t *ip = frame + ETHERNET;
    uint8_t asker[16], target[16];

    memcpy(asker, ip + IPV6_ADDRESSES, 16);
    memcpy(target, frame + ND_TARGET, 16);
    if (memcmp(asker, target, 16) == 0 || memcmp(asker, nobody, 16) == 0) {
        return 0; // is this address mine alone?
    }
    put16(ip + 4, ND_SIZE);
    memcpy(ip + IPV6_ADDRESSES, target, 16);
    memcpy(ip + IPV6_ADDRESSES + 16, asker, 16);
    memset(frame + ND, 0, ND_SIZE);
    frame[ND] = ND_ADVERTISEMENT;
    frame[ND_FLAGS] = ND_SOLICITED_OVERRIDE;
    memcpy(frame + ND_TARGET, target, 16);
    frame[ND_OPTION] = ND_TARGET_LINK_ADDRESS;
    frame[ND_OPTION + 1] = 1; // times 8 bytes
    memcpy(frame + ND_OPTION + 2, mirror_mac, MAC);
    // The pseudo-header: both addresses, the length, the protocol (RFC 8200, 8.1).
    put16(frame + ND_CHECKSUM,
          mirror_checksum(ip + IPV6_ADDRESSES, 32 + ND_SIZE, ND_SIZE + PROTOCOL_ICMPV6));
    answered(frame);
    return ND + ND_SIZE;
}

// An ICMP error quotes the packet that it is about; the quotation is mirrored, too.
static bool is_error(unsigned type)
{
    return type == 3 || type == 4 || type == 5 || type == 11 || type == 12;
}

static size_t mirror_ipv4(uint8_t *frame, size_t n)
{
    uint8_t *ip = frame + ETHERNET;

    if ((frame[0] & 1) != 0 || n < ETHERNET + IPV4_HEADER || ip[0] >> 4 != 4) {
        return 0;
    }
    uint8_t *icmp = ip + (ip[0] & 15) * 4, *quoted = icmp + ICMP_HEADER;

    exchange(frame, MAC);
    exchange(ip + IPV4_ADDRESSES, 4);
    if (ip[IPV4_PROTOCOL] == PROTOCOL_ICMP && quoted + IPV4_HEADER <= frame + n &&
        is_error(icmp[0])) {
        exchange(quoted + IPV4_ADDRESSES, 4);
    }
    return n;
}

static size_t mirror_ipv6(uint8_t *frame, size_t n)
{
    uint8_t *ip = frame + ETHERNET, *icmp = ip + IPV6_HEADER, *quoted = icmp + ICMP_HEADER;

    if (n < ETHERNET + IPV6_HEADER || ip[0] >> 4 != 6) {
        return 0;
    }
    if (ip[IPV6_NEXT] == PROTOCOL_ICMPV6 && n > ND && icmp[0] >= ND_ROUTER_SOLICITATION &&
        icmp[0] <= ND_REDIRECT) {
        return icmp[0] == ND_SOLICITATION && n >= ND_TARGET + 16 ? answer_solicitation(frame) : 0;
    }
    if ((frame[0] & 1) != 0) {
        return 0;
    }
    exchange(frame, MAC);
    exchange(ip + IPV6_ADDRESSES, 16);
    if (ip[IPV6_NEXT] == PROTOCOL_ICMPV6 && quoted + IPV6_HEADER <= frame + n && icmp[0] < 128) {
        exchange(quoted + IPV6_ADDRESSES, 16);
    }
    return n;
}

size_t mirror_frame(uint8_t *frame, size_t n)
{
    if (n < ETHERNET) {
        return 0;
    }
    switch (get16(frame + 2 * MAC)) {
    case TYPE_ARP:
        return answer_arp(frame, n);
    case TYPE_IPV4:
        return mirror_ipv4(frame, n);
    case TYPE_IPV6:
        return mirror_ipv6(frame, n);
    default:
        return 0;
    }
}

// SPDX-License-Identifier: MIT
#include "tests/net/frames.h"

#include <string.h>

enum { TCP = 6, UDP = 17, ICMP = 1, ICMPV6 = 58 };

const uint8_t own_mac[6] = { 0x02, 0x00, 0x00, 0x53, 0x74, 0x69 };
const uint8_t foreign_mac[6] = { 0x02, 0x11, 0x22, 0x33, 0x44, 0x55 };
const uint8_t own_ip4[4] = { 192, 0, 2, 1 }, foreign_ip4[4] = { 198, 51, 100, 9 };
const uint8_t own_ip6[16] = { 0x20, 0x01, 0x0D, 0xB8, [15] = 1 };
const uint8_t foreign_ip6[16] = { 0x20, 0x01, 0x0D, 0xB8, 0xFF, [15] = 9 };

unsigned frame_get16(const uint8_t *at)
{
    return (unsigned)at[0] << 8 | at[1];
}

void frame_put16(uint8_t *at, unsigned value)
{
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

// RFC 1071, in the plainest way. 0xFFFF over what contains its own right checksum.
static unsigned sum(const uint8_t *bytes, size_t n, unsigned before)
{
    for (size_t i = 0; i < n; i++) {
        before += i % 2 == 0 ? (unsigned)bytes[i] << 8 : bytes[i];
        before = (before & 0xFFFF) + (before >> 16);
    }
    return before;
}

// Where the transport's header is, how long all of it, and the sum of its pseudo-header.
static size_t transport(const uint8_t *frame, size_t *n, unsigned *protocol, unsigned *before)
{
    const uint8_t *ip = frame + IPV4_AT;

    if (ip[0] >> 4 == 4) {
        size_t header = (ip[0] & 15) * 4u;

        *n = frame_get16(ip + 2) - header;
        *protocol = ip[9];
        *before = *protocol == ICMP ? 0 : sum(ip + 12, 8, *protocol + (unsigned)*n);
        return IPV4_AT + header;
    }
    *n = frame_get16(ip + 4);
    *protocol = ip[6];
    *before = sum(ip + 8, 32, *protocol + (unsigned)*n);
    return UDP6_AT;
}

static size_t sum_offset(unsigned protocol)
{
    return protocol == UDP ? 6 : protocol == TCP ? 16 : 2;
}

void set_sums(uint8_t *frame)
{
    unsigned protocol, before;
    size_t n, at = transport(frame, &n, &protocol, &before);

    if (frame[IPV4_AT] >> 4 == 4) {
        frame_put16(frame + IPV4_AT + 10, ~sum(frame + IPV4_AT, at - IPV4_AT, 0));
    }
    frame_put16(frame + at + sum_offset(protocol), ~sum(frame + at, n, before));
}

bool sums_are_right(const uint8_t *frame, size_t size)
{
    unsigned protocol, before, type = frame_get16(frame + 12), version = frame[IPV4_AT] >> 4;
    size_t n, at;

    if (!(type == 0x0800 && version == 4) && !(type == 0x86DD && version == 6)) {
        return false;
    }
    at = transport(frame, &n, &protocol, &before);
    if (at < (version == 4 ? UDP4_AT : UDP6_AT) || n < 8 || n > size || at + n > size) {
        return false;
    }
    if (protocol != UDP && protocol != TCP && protocol != ICMP && protocol != ICMPV6) {
        return false;
    }
    if (version == 4 && sum(frame + IPV4_AT, at - IPV4_AT, 0) != 0xFFFF) {
        return false;
    }
    return sum(frame + at, n, before) == 0xFFFF;
}

static void put_udp(uint8_t *udp, uint32_t number, size_t n)
{
    frame_put16(udp, 5000);
    frame_put16(udp + 2, 7);
    frame_put16(udp + 4, (unsigned)(8 + n));
    frame_put16(udp + 8, number >> 16);
    frame_put16(udp + 10, number & 0xFFFF);
    for (size_t i = 4; i < n; i++) {
        udp[8 + i] = (uint8_t)(number * 31 + i);
    }
}

static void put_ethernet(uint8_t *frame, unsigned type)
{
    memcpy(frame, foreign_mac, 6);
    memcpy(frame + 6, own_mac, 6);
    frame_put16(frame + 12, type);
}

size_t make_udp4(uint8_t *frame, uint32_t number, size_t n)
{
    uint8_t *ip = frame + IPV4_AT;

    memset(frame, 0, DATA4_AT);
    put_ethernet(frame, 0x0800);
    ip[0] = 0x45;
    frame_put16(ip + 2, (unsigned)(20 + 8 + n));
    frame_put16(ip + 4, number & 0xFFFF); // identification
    ip[8] = 64;                           // hops
    ip[9] = UDP;
    memcpy(ip + 12, own_ip4, 4);
    memcpy(ip + 16, foreign_ip4, 4);
    put_udp(frame + UDP4_AT, number, n);
    set_sums(frame);
    return DATA4_AT + n;
}

size_t make_udp6(uint8_t *frame, uint32_t number, size_t n)
{
    uint8_t *ip = frame + IPV6_AT;

    memset(frame, 0, DATA6_AT);
    put_ethernet(frame, 0x86DD);
    ip[0] = 0x60;
    frame_put16(ip + 4, (unsigned)(8 + n));
    ip[6] = UDP;
    ip[7] = 64;
    memcpy(ip + 8, own_ip6, 16);
    memcpy(ip + 24, foreign_ip6, 16);
    put_udp(frame + UDP6_AT, number, n);
    set_sums(frame);
    return DATA6_AT + n;
}

static const uint8_t *data_of(const uint8_t *frame)
{
    return frame + (frame[IPV4_AT] >> 4 == 4 ? DATA4_AT : DATA6_AT);
}

uint32_t number_in(const uint8_t *frame)
{
    const uint8_t *data = data_of(frame);

    return (uint32_t)frame_get16(data) << 16 | frame_get16(data + 2);
}

bool data_is_right(const uint8_t *frame)
{
    const uint8_t *data = data_of(frame);
    size_t n = frame_get16(data - 4) - 8u;

    for (size_t i = 4; i < n; i++) {
        if (data[i] != (uint8_t)(number_in(frame) * 31 + i)) {
            return false;
        }
    }
    return true;
}

// SPDX-License-Identifier: MIT
//
// The first sequence number of a TCP connection (RFC 6528): a clock of 4 microseconds, plus a hash of
// both ends under a secret, so that who sees one connection can guess no other's. The hash is
// HalfSipHash-2-4 (J.-P. Aumasson, D. J. Bernstein: SipHash, 2012, and its 32-bit form of 2016).
#include <string.h>

#include "kernel/time.h"
#include "net/lwip/hooks.h"
#include "net/random.h"

// Ticks to units of 2 to 4 microseconds, without a division.
enum { CLOCK_SHIFT = TICK_HZ < 500000 ? 0 : 31 - __builtin_clz(TICK_HZ / 250000) };

static inline uint32_t rotate(uint32_t x, unsigned n)
{
    return x << n | x >> (32 - n);
}

static inline void rounds(uint32_t v[4], unsigned n)
{
    while (n-- > 0) {
        v[0] += v[1];
        v[1] = rotate(v[1], 5) ^ v[0];
        v[0] = rotate(v[0], 16);
        v[2] += v[3];
        v[3] = rotate(v[3], 8) ^ v[2];
        v[0] += v[3];
        v[3] = rotate(v[3], 7) ^ v[0];
        v[2] += v[1];
        v[1] = rotate(v[1], 13) ^ v[2];
        v[2] = rotate(v[2], 16);
    }
}

static uint32_t hash(const uint32_t key[2], const uint32_t *words, size_t n)
{
    uint32_t v[4] = { key[0], key[1], 0x6c796765 ^ key[0], 0x74656462 ^ key[1] };

    for (size_t i = 0; i < n; i++) {
        v[3] ^= words[i];
        rounds(v, 2);
        v[0] ^= words[i];
    }
    uint32_t last = (uint32_t)n << 26; // the length in bytes, in the uppermost byte

    v[3] ^= last;
    rounds(v, 2);
    v[0] ^= last;
    v[2] ^= 0xff;
    rounds(v, 4);
    return v[1] ^ v[3];
}

static size_t put_address(uint32_t *words, const ip_addr_t *ip)
{
#if LWIP_IPV6
    if (IP_IS_V6(ip)) {
        memcpy(words, ip_2_ip6(ip)->addr, 16);
        return 4;
    }
#endif
    words[0] = ip_2_ip4(ip)->addr;
    return 1;
}

u32_t net_tcp_isn(const ip_addr_t *local, u16_t local_port, const ip_addr_t *peer, u16_t peer_port)
{
    static uint32_t key[2];
    static bool have_key;
    uint32_t words[9];
    size_t n = put_address(words, local);

    if (!have_key) {
        random_bytes(key, sizeof key);
        have_key = true;
    }
    n += put_address(words + n, peer);
    words[n++] = (uint32_t)local_port << 16 | peer_port;

    return hash(key, words, n) + (uint32_t)(time_now() >> CLOCK_SHIFT);
}

// SPDX-License-Identifier: MIT
//
// A packet's 48 bytes (RFC 5905, figure 8); times are seconds and fractions of 2^-32 since 1900.
//
//     0   leap (2 bits) version (3) mode (3) | stratum | poll | precision
//     4   root delay          8   root dispersion      12  reference: the reason of a kiss
//     16  reference time      24  origin               32  receive (T2)         40  transmit (T3)
//
//     T1 we send, T2 it receives, T3 it answers, T4 we receive
//     offset = ((T2 - T1) + (T3 - T4)) / 2          delay = (T4 - T1) - (T3 - T2)
//
// What we send as our transmit time is random: it tells the answer from forgeries, and nobody our clock.
#include "net/sntp.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "net/random.h"
#include "net/sock.h"

enum { PACKET = 48, REFERENCE = 12, ORIGIN = 24, RECEIVE = 32, TRANSMIT = 40 };
enum { VERSION = 4, CLIENT = 3, SERVER = 4, NO_LEAP_KNOWN = 3, STRATUM_MAX = 15 };

#define FROM_1900_TO_1970 2208988800 // seconds

// Microseconds since 1970. The upper bit is set from 1968 to 2036, and clear from then to 2104 (RFC
// 4330, section 3).
static int64_t read_time(const uint8_t *p)
{
    uint32_t seconds = (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
    uint32_t fraction = (uint32_t)p[4] << 24 | (uint32_t)p[5] << 16 | (uint32_t)p[6] << 8 | p[7];
    int64_t since_1900 = (int64_t)seconds + (seconds >> 31 ? 0 : (int64_t)1 << 32);

    return (since_1900 - FROM_1900_TO_1970) * 1000000 +
           (int64_t)((uint64_t)fraction * 1000000 >> 32);
}

// Is it an answer, and to this request?
static bool is_answer(const uint8_t *p, int n, const struct net_addr *from,
                      const struct net_addr *server, const uint8_t cookie[8])
{
    return n >= PACKET && net_addr_equal(from, server) && (p[0] & 7) == SERVER &&
           memcmp(p + ORIGIN, cookie, 8) == 0;
}

static int evaluate(const uint8_t *p, int64_t t1, int64_t t4, struct sntp_answer *a)
{
    static const uint8_t zero[8];
    unsigned leap = p[0] >> 6, version = p[0] >> 3 & 7;

    a->stratum = p[1];
    if (a->stratum == 0) {
        memcpy(a->kiss, p + REFERENCE, 4);
        return -EACCES;
    }
    if (version < 3 || version > VERSION || leap == NO_LEAP_KNOWN || a->stratum > STRATUM_MAX ||
        memcmp(p + TRANSMIT, zero, 8) == 0 || memcmp(p + RECEIVE, zero, 8) == 0) {
        return -EPROTO;
    }
    int64_t t2 = read_time(p + RECEIVE), t3 = read_time(p + TRANSMIT), delay = t4 - t1 - (t3 - t2);

    if (t3 < t2 || delay < -1000) { // it would have answered before it was asked
        return -EPROTO;
    }
    a->offset = (t2 - t1 + t3 - t4) / 2;
    a->delay = delay > 0 ? (uint32_t)delay : 0;
    return 0;
}

static int ask(struct sock *s, const struct net_addr *server, struct sntp_answer *a, deadline_t d)
{
    uint8_t packet[PACKET] = { VERSION << 3 | CLIENT }, cookie[8];
    struct net_addr from;
    int n;

    random_bytes(cookie, sizeof cookie);
    memcpy(packet + TRANSMIT, cookie, sizeof cookie);
    int64_t t1 = (int64_t)time_us();

    if ((n = sock_send_to(s, packet, sizeof packet, server, d)) < 0) {
        return n;
    }
    do {
        n = sock_recv_from(s, packet, sizeof packet, &from, d);
    } while (n >= 0 && !is_answer(packet, n, &from, server, cookie));

    return n < 0 ? n : evaluate(packet, t1, (int64_t)time_us(), a);
}

int sntp_query(const struct net_addr *server, struct sntp_answer *a, deadline_t d)
{
    struct sock *s;
    int result = sock_udp(&s, NULL);

    if (result != 0) {
        return result;
    }
    *a = (struct sntp_answer){ 0 };
    result = ask(s, server, a, d);
    sock_close(s);
    return result;
}

// SPDX-License-Identifier: MIT
//
// How fast is it? The server of iperf 2, TCP and UDP on port 5001: `iperf -c HOST` and `iperf -c HOST -u`
// send to it, and it prints what came.
//
// The header of its datagrams (iperf 2, payloads.h), in network order:
//
//     0  number, negative in the last      4  seconds, microseconds when it was sent
//     12 upper half of the number, since 2.0.10; before that the rest begins here
//
// The last datagram is answered with itself and, behind its header, the server's report:
//
//     flags (0x80000000) | bytes, upper and lower | seconds, microseconds it took
//     | lost | out of order | datagrams | jitter in seconds, microseconds
#include <stdbool.h>
#include <string.h>

#include "boards/board.h"
#include "io/printf.h"
#include "kernel/tasklet_pool.h"
#include "net/net.h"
#include "net/sock.h"

enum { PORT = 5001, STREAMS = 4, BUFFER = 1500 };
enum { HEADER_OLD = 12, HEADER = 16, REPORT = 40, HAS_REPORT = 0x80 };

static TASKLET_POOL(workers, STREAMS, 768);
static TASKLET_MEMORY(udp_memory, 1024);

static void print_rate(const char *kind, const struct net_addr *peer, uint64_t bytes, uint64_t us)
{
    char text[NET_ADDR_TEXT];
    uint32_t kbits = us > 0 ? (uint32_t)(bytes * 8000 / us) : 0;

    uart_printf(board_uarts[0], "%s %s: %llu bytes in %u ms, %u.%02u Mbit/s\r\n", kind,
                net_addr_text(peer, text), (unsigned long long)bytes, (unsigned)(us / 1000),
                (unsigned)(kbits / 1000), (unsigned)(kbits % 1000 / 10));
}

// ---- TCP ----

// Without a copy: the bytes are looked at by nobody.
static void sink(void *sock)
{
    uint64_t start = time_us(), bytes = 0;
    struct net_addr peer = { 0 };
    const void *data;
    int n;

    sock_peer(sock, &peer);
    while ((n = sock_borrow(sock, &data, after_ms(30000))) > 0) {
        sock_release(sock, (size_t)n);
        bytes += (unsigned)n;
    }
    sock_close(sock);
    print_rate("tcp", &peer, bytes, time_us() - start);
}

// ---- UDP ----

struct stream_state {
    struct net_addr peer;
    uint64_t start, last; // microseconds
    uint64_t bytes;
    int64_t transit; // of the last datagram, in microseconds of two clocks
    uint32_t next;   // number that is expected
    uint32_t lost, late, datagrams;
    uint32_t jitter; // microseconds * 16, as RFC 1889 A.8 keeps it
    bool ended;      // and reported
};

static struct stream_state streams[STREAMS];

static uint32_t get(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static uint8_t *put(uint8_t *p, uint32_t value)
{
    p[0] = (uint8_t)(value >> 24);
    p[1] = (uint8_t)(value >> 16);
    p[2] = (uint8_t)(value >> 8);
    p[3] = (uint8_t)value;
    return p + 4;
}

// The state of the sender's stream; a new one takes the place of that which was silent longest.
static struct stream_state *find(const struct net_addr *peer, bool last)
{
    struct stream_state *oldest = &streams[0];

    for (unsigned i = 0; i < STREAMS; i++) {
        struct stream_state *s = &streams[i];

        if (net_addr_equal(&s->peer, peer) && (last || !s->ended)) {
            return s;
        }
        oldest = s->last < oldest->last ? s : oldest;
    }
    *oldest = (struct stream_state){ .peer = *peer, .start = time_us() };
    return oldest;
}

static void count(struct stream_state *s, const uint8_t *p, int n, uint32_t number)
{
    int64_t sent = (int64_t)get(p + 4) * 1000000 + get(p + 8), transit;

    s->last = time_us();
    transit = (int64_t)s->last - sent;
    if (s->datagrams > 0) {
        int64_t change = transit - s->transit;
        uint32_t size = (uint32_t)(change < 0 ? -change : change);

        s->jitter += size - ((s->jitter + 8) >> 4);
    }
    s->transit = transit;
    s->bytes += (unsigned)n;
    s->datagrams++;
    if ((int32_t)(number - s->next) >= 0) {
        s->lost += number - s->next;
        s->next = number + 1;
    } else {
        s->late++;
        s->lost -= s->lost > 0;
    }
}

// The report behind the header of the last datagram; returns the length of both.
static size_t report(const struct stream_state *s, uint8_t *packet, size_t n)
{
    bool old = n < HEADER || get(packet + HEADER_OLD) != UINT32_MAX; // its number is negative
    uint8_t *p = packet + (old ? HEADER_OLD : HEADER);
    uint32_t us = (uint32_t)(s->last - s->start), jitter = s->jitter >> 4;
    size_t length = (old ? HEADER_OLD : HEADER) + REPORT;

    p = put(p, (uint32_t)HAS_REPORT << 24);
    p = put(p, (uint32_t)(s->bytes >> 32));
    p = put(p, (uint32_t)s->bytes);
    p = put(p, us / 1000000);
    p = put(p, us % 1000000);
    p = put(p, s->lost);
    p = put(p, s->late);
    p = put(p, s->datagrams);
    p = put(p, jitter / 1000000);
    put(p, jitter % 1000000);
    return n > length ? n : length;
}

static void serve_udp(void *unused)
{
    static uint8_t packet[BUFFER];
    struct net_addr from;
    struct sock *s;
    int n;

    (void)unused;
    if (sock_udp(&s, &(struct net_addr){ .port = PORT }) != 0) {
        return;
    }
    while ((n = sock_recv_from(s, packet, sizeof packet, &from, FOREVER)) >= 0) {
        if (n < HEADER_OLD) {
            continue;
        }
        uint32_t number = get(packet);
        bool last = number >> 31;
        struct stream_state *stream = find(&from, last);

        if (!stream->ended) {
            count(stream, packet, n, last ? 0 - number : number);
        }
        if (last) { // comes several times, until the client has its report
            if (!stream->ended) {
                stream->ended = true;
                print_rate("udp", &from, stream->bytes, stream->last - stream->start);
                uart_printf(board_uarts[0], "    %u datagrams, %u lost, %u late\r\n",
                            (unsigned)stream->datagrams, (unsigned)stream->lost,
                            (unsigned)stream->late);
            }
            sock_send_to(s, packet, report(stream, packet, (size_t)n), &from, after_ms(100));
        }
    }
}

int main(void)
{
    struct sock *listener, *s;

    if (net_start(NULL) != 0 || sock_listen(&listener, PORT) != 0) {
        return 1;
    }
    tasklet_spawn("udp", serve_udp, NULL, udp_memory, sizeof udp_memory);
    uart_printf(board_uarts[0], "iperf server on port %u\r\n", PORT);
    while (sock_accept(listener, &s, FOREVER) == 0) {
        tasklet_pool_spawn(&workers, "sink", sink, s, FOREVER);
    }
    return 0;
}

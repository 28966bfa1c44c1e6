// SPDX-License-Identifier: MIT
//
// What drivers/net/net.h asks of an Ethernet driver, against QEMU's user network: a gateway at 10.0.2.2
// that answers ARP and ICMP echo requests. Packets are made by hand; no protocol stack takes part.
#include <errno.h>
#include <string.h>

#include "boards/board.h"
#include "drivers/net/net.h"
#include "io/printf.h"
#include "kernel/arch.h"
#include "kernel/tasklet.h"
#include "tests/kernel/suite.h"

enum {
    ETHERNET = NET_PAD, // where things stand in a frame
    TYPE = ETHERNET + 12,
    ARP = ETHERNET + 14,
    ARP_SIZE = 28,
    IP = ETHERNET + 14,
    ICMP = IP + 20,
    DATA = ICMP + 8,
    TYPE_IP = 0x0800,
    TYPE_ARP = 0x0806,
    ICMP_REPLY = 0,
    ICMP_REQUEST = 8,
    DATA_MAX = NET_FRAME_MAX - DATA,
    BURST = 200,
    PATIENCE = 5000, // ms; emulators may be slow
};

static struct netdev *const dev = &board_netdev;
static const uint8_t gateway[4] = { 10, 0, 2, 2 }, own[4] = { 10, 0, 2, 15 };
static uint8_t gateway_mac[6];

static _Alignas(4) uint8_t request[NET_FRAME_MAX], reply[NET_FRAME_MAX + 4];
static uint8_t arena[NET_FRAME_MAX + NET_PIECES * 4];
static uint16_t sequence;

static struct waitq kicked = WAITQ_INIT(kicked, "kicked");
static unsigned kicks;

static void poll(struct poller *unused)
{
    (void)unused;
    kicks++;
    waitq_wake_all(&kicked);
}

static struct poller poller = POLLER_INIT(poll);

// ---- Frames ----

static void put16(uint8_t *at, unsigned value)
{
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

static unsigned get16(const uint8_t *at)
{
    return (unsigned)at[0] << 8 | at[1];
}

// The Internet checksum (RFC 1071) of n bytes; 0 over what has a right one.
static unsigned checksum(const uint8_t *at, size_t n)
{
    uint32_t sum = 0;

    for (size_t i = 0; i < n; i++) {
        sum += i % 2 == 0 ? (uint32_t)at[i] << 8 : at[i];
    }
    sum = (sum & 0xFFFF) + (sum >> 16);
    return ~(sum + (sum >> 16)) & 0xFFFF;
}

static void make_ethernet(const uint8_t *to, unsigned type)
{
    memset(request, 0xA5, NET_PAD);
    memcpy(request + ETHERNET, to, 6);
    memcpy(request + ETHERNET + 6, dev->mac, 6);
    put16(request + TYPE, type);
}

// RFC 826. Returns the length of the frame.
static size_t make_arp(void)
{
    static const uint8_t head[8] = { 0, 1, 8, 0, 6, 4, 0, 1 },
                         all[6] = { 255, 255, 255, 255, 255, 255 };

    make_ethernet(all, TYPE_ARP);
    memset(request + ARP, 0, ARP_SIZE);
    memcpy(request + ARP, head, 8);
    memcpy(request + ARP + 8, dev->mac, 6);
    memcpy(request + ARP + 14, own, 4);
    memcpy(request + ARP + 24, gateway, 4);
    return ARP + ARP_SIZE;
}

// An echo request (RFC 792) with `size` bytes of noise. Returns the length of the frame.
static size_t make_echo(size_t size)
{
    static const uint8_t head[12] = { 0x45, 0, 0, 0, 0, 0, 0x40, 0, 64, 1, 0, 0 };

    make_ethernet(gateway_mac, TYPE_IP);
    memcpy(request + IP, head, sizeof head);
    put16(request + IP + 2, (unsigned)(DATA - IP + size));
    memcpy(request + IP + 12, own, 4);
    memcpy(request + IP + 16, gateway, 4);
    put16(request + IP + 10, checksum(request + IP, ICMP - IP));
    request[ICMP] = ICMP_REQUEST;
    memset(request + ICMP + 1, 0, 5);
    put16(request + ICMP + 6, ++sequence);
    for (size_t i = 0; i < size; i++) {
        request[DATA + i] = (uint8_t)suite_random(256);
    }
    put16(request + ICMP + 2, checksum(request + ICMP, DATA - ICMP + size));
    return DATA + size;
}

static bool is_from_gateway(unsigned type)
{
    return memcmp(reply + ETHERNET, dev->mac, 6) == 0 && get16(reply + TYPE) == type;
}

static bool is_echo(size_t length)
{
    return length >= DATA && is_from_gateway(TYPE_IP) && reply[IP + 9] == 1 &&
           reply[ICMP] == ICMP_REPLY && memcmp(reply + IP + 12, gateway, 4) == 0;
}

// An echo of the request, byte for byte.
static bool is_echo_of_request(size_t length, size_t size)
{
    return is_echo(length) && get16(reply + IP + 2) == DATA - IP + size && length >= DATA + size &&
           checksum(reply + ICMP, DATA - ICMP + size) == 0 &&
           memcmp(reply + ICMP + 4, request + ICMP + 4, DATA - ICMP - 4 + size) == 0;
}

// ---- The device ----

static int transmit(const struct net_piece *pieces, size_t count)
{
    deadline_t limit = after_ms(PATIENCE);
    int error;

    while ((error = dev->driver->send(dev, pieces, count)) == -EAGAIN) {
        if (wait_on(&kicked, "transmit", limit) < 0) {
            return -ETIMEDOUT;
        }
    }
    return error;
}

static int transmit_whole(size_t length)
{
    return transmit(&(struct net_piece){ request, length }, 1);
}

// All at once, or in several steps.
static void read_frame(size_t length)
{
    size_t at = 0;

    memset(reply, 0x5A, sizeof reply);
    while (at < length) {
        size_t n = suite_random(2) == 0 ? length - at : 4 + suite_random(100) * 4;

        n = n < length - at ? n : length - at;
        dev->driver->read(dev, reply + at, n);
        at += n;
    }
    for (size_t i = (length + 3) / 4 * 4; i < sizeof reply; i++) {
        CHECK_IS(reply[i], 0x5A);
    }
}

// The length of the frame that comes next, as a poller would get it; 0 if none comes in time.
static size_t next_frame(deadline_t limit)
{
    for (;;) {
        size_t length = dev->driver->next(dev);

        if (length == 0) {
            dev->driver->listen(dev);
            length = dev->driver->next(dev);
        }
        if (length != 0) {
            CHECK(length > NET_PAD + 14 && length <= NET_FRAME_MAX);
            return length;
        }
        if (wait_on(&kicked, "receive", limit) < 0) {
            return 0;
        }
    }
}

static size_t receive(deadline_t limit)
{
    size_t length = next_frame(limit);

    if (length > 0) {
        read_frame(length);
        dev->driver->done(dev);
    }
    return length;
}

// Takes frames until the echo of the request comes; others may come in between.
static bool answered(size_t size)
{
    deadline_t limit = after_ms(PATIENCE);
    size_t length;

    while ((length = receive(limit)) > 0) {
        if (is_echo_of_request(length, size)) {
            return true;
        }
    }
    return false;
}

static bool echo(size_t size)
{
    return transmit_whole(make_echo(size)) == 0 && answered(size);
}

// Drops what comes until it has been quiet for a while.
static void drain(void)
{
    while (next_frame(after_ms(100)) > 0) {
        dev->driver->done(dev);
    }
}

static bool find_gateway(void)
{
    deadline_t limit = after_ms(PATIENCE);
    size_t length;

    CHECK_IS(transmit_whole(make_arp()), 0);
    while ((length = receive(limit)) > 0) {
        if (is_from_gateway(TYPE_ARP) && memcmp(reply + ARP + 14, gateway, 4) == 0) {
            memcpy(gateway_mac, reply + ARP + 8, 6);
            return get16(reply + ARP + 6) == 2;
        }
    }
    return false;
}

// A device that does not know its address gets one.
static int start(void)
{
    static const uint8_t mac[6] = { 2, 0, 0, 0, 0, 1 }, none[6];
    int error = dev->driver->start(dev);

    if (error == 0 && memcmp(dev->mac, none, 6) == 0) {
        memcpy(dev->mac, mac, 6);
        error = dev->driver->start(dev);
    }
    for (int looks = PATIENCE / 10; !dev->link && looks > 0; looks--) {
        sleep_ms(10);
        dev->driver->look(dev);
    }
    return error;
}

// ---- The cases ----

static void starts(void)
{
    dev->poller = &poller;
    CHECK_IS(start(), 0);
    CHECK(dev->link);
    CHECK_IS(dev->mac[0] & 1, 0);
    CHECK_IS(dev->driver->next(dev), 0);
}

static void gateway_answers(void)
{
    CHECK(find_gateway());
    CHECK(dev->stats.sent >= 1 && dev->stats.received >= 1);
}

static void echoes_of_all_sizes(void)
{
    for (size_t size = 0; size <= DATA_MAX && suite_failures() == 0; size++) {
        CHECK(echo(size));
    }
    CHECK_IS(dev->stats.errors, 0);
}

// Cuts the request into pieces, which lie at any address with other bytes in between. Returns how many.
static size_t cut(struct net_piece *pieces, size_t length)
{
    size_t count = 1 + suite_random(NET_PIECES), at = 0, to = 0;

    memset(arena, 0xEE, sizeof arena);
    for (size_t i = 0; i < count; i++) {
        size_t left = length - at, most = suite_random(2) == 0 ? left : left < 9 ? left : 9;
        size_t size = i + 1 == count ? left : suite_random((uint32_t)most + 1);

        if (i == 0 && size < NET_PAD) {
            size = NET_PAD;
        }
        to += suite_random(4);
        memcpy(arena + to, request + at, size);
        pieces[i] = (struct net_piece){ arena + to, size };
        at += size;
        to += size;
    }
    return count;
}

static void many_odd_pieces(void)
{
    struct net_piece pieces[NET_PIECES];

    for (unsigned i = 0; i < 500 && suite_failures() == 0; i++) {
        size_t size = suite_random(suite_random(2) == 0 ? 100 : DATA_MAX + 1);
        size_t count = cut(pieces, make_echo(size));

        CHECK_IS(transmit(pieces, count), 0);
        memset(arena, 0xEE, sizeof arena); // they are ours again
        CHECK(answered(size));
    }
}

// What is behind them must not be what was sent before: tests/test_netdev.py listens on the wire.
static void short_frames_are_padded(void)
{
    for (unsigned i = 0; i < 40 && suite_failures() == 0; i++) {
        CHECK_IS(transmit_whole(make_echo(DATA_MAX)), 0);
    }
    drain();
    for (unsigned i = 0; i < 20 && suite_failures() == 0; i++) {
        CHECK(find_gateway());
    }
}

// Frames need not be read, or not to their end.
static void unread_frames(void)
{
    for (unsigned i = 0; i < 50 && suite_failures() == 0; i++) {
        size_t length;

        CHECK_IS(transmit_whole(make_echo(suite_random(DATA_MAX))), 0);
        length = next_frame(after_ms(PATIENCE));
        CHECK(length > 0);
        CHECK_IS(dev->driver->next(dev), length);
        if (i % 2 == 0) {
            dev->driver->read(dev, reply, 8);
        }
        dev->driver->done(dev);
    }
    CHECK(echo(100));
}

// Until listen() there is one kick, however much comes.
static void one_kick_until_listen(void)
{
    drain();
    dev->driver->listen(dev);
    kicks = 0;
    for (unsigned i = 0; i < 5; i++) {
        CHECK_IS(transmit_whole(make_echo(10)), 0);
        sleep_ms(20);
    }
    CHECK(kicks == 1 || kicks == 2); // see poller.h
    drain();
}

// More than the device has room for, without a look at what comes. What does come is whole and in
// order, and what does not is not kept secret.
static void burst(void)
{
    unsigned overruns = dev->stats.overruns, echoes = 0;
    uint16_t last = sequence;
    size_t length;

    for (unsigned i = 0; i < BURST && suite_failures() == 0; i++) {
        CHECK_IS(transmit_whole(make_echo(60 + i)), 0);
    }
    while ((length = receive(after_ms(500))) > 0) {
        if (is_echo(length)) {
            size_t size = get16(reply + IP + 2) - (DATA - IP);
            uint16_t number = (uint16_t)get16(reply + ICMP + 6);

            CHECK_IS(checksum(reply + ICMP, DATA - ICMP + size), 0);
            CHECK((uint16_t)(number - last - 1) < BURST);
            last = number;
            echoes++;
        }
    }
    CHECK(echoes > 0 && echoes <= BURST);
    // QEMU's LAN9118 refuses what it has no room for, and nobody is told.
    CHECK(echoes == BURST || dev->stats.overruns > overruns || strncmp(board_name, "mps", 3) == 0);
    CHECK(echo(DATA_MAX));
}

// Nobody listens, and no interrupt comes, while the device overflows.
static void deaf_for_a_while(void)
{
    for (unsigned round = 0; round < 3 && suite_failures() == 0; round++) {
        uintptr_t state = arch_irq_save();
        deadline_t d = after_ms(50);

        for (unsigned i = 0; i < BURST * 2; i++) {
            size_t length = make_echo(suite_random(DATA_MAX));
            int error = dev->driver->send(dev, &(struct net_piece){ request, length }, 1);

            CHECK(error == 0 || error == -EAGAIN);
        }
        spin_until(d);
        arch_irq_restore(state);
        drain();
        CHECK(echo(round));
        CHECK(echo(DATA_MAX));
    }
}

static void counts(void)
{
    struct net_stats before = dev->stats;

    CHECK(echo(1));
    CHECK_IS(dev->stats.sent - before.sent, 1);
    CHECK(dev->stats.received > before.received);
    CHECK_IS(dev->stats.busy, before.busy);
    CHECK_IS(dev->stats.overruns, before.overruns);
}

static void starts_again(void)
{
    for (unsigned i = 0; i < 5 && suite_failures() == 0; i++) {
        transmit_whole(make_echo(DATA_MAX));
        CHECK_IS(start(), 0);
        CHECK(dev->link);
        CHECK(echo(DATA_MAX));
    }
    uart_printf(board_uarts[0], "received %u, sent %u, busy %u, overruns %u, errors %u\r\n",
                (unsigned)dev->stats.received, (unsigned)dev->stats.sent, (unsigned)dev->stats.busy,
                (unsigned)dev->stats.overruns, (unsigned)dev->stats.errors);
}

int main(void)
{
    static const struct suite_case cases[] = {
        CASE(starts),
        CASE(gateway_answers),
        CASE(echoes_of_all_sizes),
        CASE(many_odd_pieces),
        CASE(short_frames_are_padded),
        CASE(unread_frames),
        CASE(one_kick_until_listen),
        CASE(burst),
        CASE(deaf_for_a_while),
        CASE(counts),
        CASE(starts_again),
    };

    suite_seed(1);
    poller_register(&poller);
    SUITE_RUN("netdev", cases);
}

// SPDX-License-Identifier: MIT
//
// The host's Ethernet device and the wires of virtual time, without a stack: what the mirror sends
// back, and that the bad world does to frames what it says, by seed.
#include <errno.h>
#include <string.h>

#include "drivers/entropy/entropy.h"
#include "drivers/net/host.h"
#include "drivers/net/host_mirror.h"
#include "drivers/net/host_wire.h"
#include "tests/kernel/suite.h"
#include "tests/net/frames.h"

enum { MANY = 10000, DATA = 100, KEPT = 96 };

static void poll_device(struct poller *self);

static struct poller poller = POLLER_INIT(poll_device);
static struct netdev *const eth = &board_netdev;
static const struct wire_faults clean = WIRE_CLEAN;

// What arrived since begin().
static struct {
    unsigned frames, wrong_sums, wrong_data, overtaken, polls;
    uint32_t last;                 // number
    uint32_t hash;                 // of all bytes in their order (FNV-1a)
    uint32_t numbers[KEPT];        // of the first datagrams
    size_t size;                   // of the last frame
    _Alignas(4) uint8_t raw[1520]; // the last frame, with NET_PAD
    uint64_t when;                 // it came
} got;
static const uint8_t *const frame_got = got.raw + NET_PAD;

static bool deaf; // the poller does not come

static void take(size_t n)
{
    eth->driver->read(eth, got.raw, 16); // in two parts, as stacks do
    eth->driver->read(eth, got.raw + 16, n - 16);
    eth->driver->done(eth);
    got.size = n - NET_PAD;
    got.when = time_now();
    for (size_t i = 0; i < got.size; i++) {
        got.hash = (got.hash ^ frame_got[i]) * 16777619u;
    }
    if (!sums_are_right(frame_got, got.size)) {
        got.wrong_sums++;
    } else {
        uint32_t number = number_in(frame_got);

        got.wrong_data += !data_is_right(frame_got);
        got.overtaken += number < got.last;
        got.last = number;
        if (got.frames < KEPT) {
            got.numbers[got.frames] = number;
        }
    }
    got.frames++;
}

static void poll_device(struct poller *self)
{
    (void)self;
    got.polls++;
    if (deaf) {
        return;
    }
    for (int round = 0; round < 2; round++) {
        size_t n;

        while ((n = eth->driver->next(eth)) > 0) {
            take(n);
        }
        eth->driver->listen(eth);
    }
    eth->driver->look(eth);
}

// ---- Helpers ----

static void begin(const struct wire_faults *faults)
{
    memset(&got, 0, sizeof got);
    memset(&eth->stats, 0, sizeof eth->stats);
    wire_set(faults);
}

static int send_frame(const uint8_t *frame, size_t n)
{
    static const uint8_t pad[NET_PAD];
    struct net_piece pieces[] = { { pad, NET_PAD }, { frame, 14 }, { frame + 14, n - 14 } };

    return eth->driver->send(eth, pieces, 3);
}

// Sends `count` datagrams, one each 10 us, and waits until all have arrived.
static void send_many(const struct wire_faults *faults, unsigned count)
{
    uint8_t frame[DATA4_AT + DATA];

    begin(faults);
    for (uint32_t i = 0; i < count; i++) {
        size_t n = i % 2 == 0 ? make_udp4(frame, i, DATA) : make_udp6(frame, i, DATA - 20);

        CHECK_IS(send_frame(frame, n), 0);
        sleep_until(after_us(10));
    }
    sleep_ms(20);
}

static void exchange_and_look(const uint8_t *frame, size_t n)
{
    begin(&clean);
    CHECK_IS(send_frame(frame, n), 0);
    sleep_ms(1);
}

// ---- The mirror ----

static void mirrors_ipv4(void)
{
    uint8_t frame[1514];
    size_t n = make_udp4(frame, 77, 1472);
    uint64_t sent = time_now();

    exchange_and_look(frame, n);
    CHECK_IS(got.frames, 1);
    CHECK_IS(got.size, 1514);
    CHECK(got.when - sent >= ticks_from_us(100) && got.when - sent < ticks_from_us(110));
    CHECK(memcmp(frame_got, own_mac, 6) == 0 && memcmp(frame_got + 6, foreign_mac, 6) == 0);
    CHECK(memcmp(frame_got + IPV4_AT + 12, foreign_ip4, 4) == 0);
    CHECK(memcmp(frame_got + IPV4_AT + 16, own_ip4, 4) == 0);
    CHECK_IS(frame_get16(frame_got + UDP4_AT), 5000);
    CHECK_IS(frame_get16(frame_got + UDP4_AT + 2), 7);
    CHECK(sums_are_right(frame_got, got.size) && data_is_right(frame_got));
    CHECK_IS(number_in(frame_got), 77);
    CHECK_IS(eth->stats.sent, 1);
    CHECK_IS(eth->stats.received, 1);
}

static void mirrors_ipv6(void)
{
    uint8_t frame[256];

    exchange_and_look(frame, make_udp6(frame, 78, 90));
    CHECK_IS(got.frames, 1);
    CHECK(memcmp(frame_got, own_mac, 6) == 0 && memcmp(frame_got + 6, foreign_mac, 6) == 0);
    CHECK(memcmp(frame_got + IPV6_AT + 8, foreign_ip6, 16) == 0);
    CHECK(memcmp(frame_got + IPV6_AT + 24, own_ip6, 16) == 0);
    CHECK(sums_are_right(frame_got, got.size) && data_is_right(frame_got));
}

static void pads_short_frames(void)
{
    uint8_t frame[64];

    exchange_and_look(frame, make_udp4(frame, 1, 5));
    CHECK_IS(got.size, 60);
    CHECK(sums_are_right(frame_got, got.size));
    CHECK_IS(frame_got[59], 0);
}

// Port unreachable, about a datagram that the mirror has turned round before.
static void mirrors_what_errors_quote(void)
{
    uint8_t frame[128], quoted[64];

    make_udp4(quoted, 5, 8);
    make_udp4(frame, 0, 28);
    frame_put16(frame + IPV4_AT + 10, 0);
    frame[IPV4_AT + 9] = 1; // ICMP
    memset(frame + UDP4_AT, 0, 8);
    frame[UDP4_AT] = frame[UDP4_AT + 1] = 3;
    memcpy(frame + DATA4_AT, quoted + IPV4_AT, 28);
    set_sums(frame);
    exchange_and_look(frame, DATA4_AT + 28);
    CHECK_IS(got.frames, 1);
    CHECK(memcmp(frame_got + DATA4_AT + 12, foreign_ip4, 4) == 0);
    CHECK(memcmp(frame_got + DATA4_AT + 16, own_ip4, 4) == 0);
    CHECK(sums_are_right(frame_got, got.size));
}

static void mirrors_what_errors_quote_ipv6(void)
{
    uint8_t frame[160], quoted[128];

    make_udp6(quoted, 5, 8);
    make_udp6(frame, 0, 56);
    frame[IPV6_AT + 6] = 58; // ICMPv6
    memset(frame + UDP6_AT, 0, 8);
    frame[UDP6_AT] = 1;
    frame[UDP6_AT + 1] = 4;
    memcpy(frame + DATA6_AT, quoted + IPV6_AT, 56);
    set_sums(frame);
    exchange_and_look(frame, DATA6_AT + 56);
    CHECK_IS(got.frames, 1);
    CHECK(memcmp(frame_got + DATA6_AT + 8, foreign_ip6, 16) == 0);
    CHECK(memcmp(frame_got + DATA6_AT + 24, own_ip6, 16) == 0);
    CHECK(sums_are_right(frame_got, got.size));
}

static void ask_arp(const uint8_t *sender, const uint8_t *target)
{
    uint8_t frame[42] = { [12] = 8, 6, 0, 1, 8, 0, 6, 4, 0, 1 };

    memset(frame, 0xFF, 6);
    memcpy(frame + 6, own_mac, 6);
    memcpy(frame + 22, own_mac, 6);
    memcpy(frame + 28, sender, 4);
    memcpy(frame + 38, target, 4);
    exchange_and_look(frame, sizeof frame);
}

static void answers_arp(void)
{
    static const uint8_t nobody[4];

    ask_arp(own_ip4, foreign_ip4);
    CHECK_IS(got.frames, 1);
    CHECK(memcmp(frame_got, own_mac, 6) == 0 && memcmp(frame_got + 6, mirror_mac, 6) == 0);
    CHECK_IS(frame_get16(frame_got + 20), 2);
    CHECK(memcmp(frame_got + 22, mirror_mac, 6) == 0);
    CHECK(memcmp(frame_got + 28, foreign_ip4, 4) == 0);
    CHECK(memcmp(frame_got + 32, own_mac, 6) == 0);
    CHECK(memcmp(frame_got + 38, own_ip4, 4) == 0);

    ask_arp(own_ip4, own_ip4); // gratuitous
    CHECK_IS(got.frames, 0);
    ask_arp(nobody, own_ip4); // a probe
    CHECK_IS(got.frames, 0);
}

static void ask_neighbour(const uint8_t *sender, const uint8_t *target)
{
    uint8_t frame[IPV6_AT + 40 + 32];

    make_udp6(frame, 0, 24);
    frame[0] = frame[1] = 0x33;
    frame[IPV6_AT + 6] = 58;
    frame[IPV6_AT + 7] = 255;
    memcpy(frame + IPV6_AT + 8, sender, 16);
    memset(frame + UDP6_AT, 0, 32);
    frame[UDP6_AT] = 135;
    memcpy(frame + UDP6_AT + 8, target, 16);
    frame[UDP6_AT + 24] = frame[UDP6_AT + 25] = 1;
    memcpy(frame + UDP6_AT + 26, own_mac, 6);
    set_sums(frame);
    exchange_and_look(frame, sizeof frame);
}

static void answers_neighbours(void)
{
    static const uint8_t nobody[16];

    ask_neighbour(own_ip6, foreign_ip6);
    CHECK_IS(got.frames, 1);
    CHECK_IS(got.size, IPV6_AT + 40 + 32);
    CHECK(memcmp(frame_got, own_mac, 6) == 0 && memcmp(frame_got + 6, mirror_mac, 6) == 0);
    CHECK_IS(frame_got[IPV6_AT + 7], 255);
    CHECK(memcmp(frame_got + IPV6_AT + 8, foreign_ip6, 16) == 0);
    CHECK(memcmp(frame_got + IPV6_AT + 24, own_ip6, 16) == 0);
    CHECK_IS(frame_got[UDP6_AT], 136);
    CHECK_IS(frame_got[UDP6_AT + 4], 0x60);
    CHECK(memcmp(frame_got + UDP6_AT + 8, foreign_ip6, 16) == 0);
    CHECK_IS(frame_get16(frame_got + UDP6_AT + 24), 0x0201);
    CHECK(memcmp(frame_got + UDP6_AT + 26, mirror_mac, 6) == 0);
    CHECK(sums_are_right(frame_got, got.size));

    ask_neighbour(nobody, own_ip6); // is this address mine alone?
    CHECK_IS(got.frames, 0);
    ask_neighbour(own_ip6, own_ip6);
    CHECK_IS(got.frames, 0);
}

static void mirrors_nothing_for_many(void)
{
    uint8_t frame[128];
    size_t n = make_udp4(frame, 1, 50);

    memset(frame, 0xFF, 6);
    exchange_and_look(frame, n);
    CHECK_IS(got.frames, 0);
    n = make_udp6(frame, 1, 50);
    frame[0] = frame[1] = 0x33;
    exchange_and_look(frame, n);
    CHECK_IS(got.frames, 0);
    n = make_udp4(frame, 1, 50);
    frame_put16(frame + 12, 0x88CC);
    exchange_and_look(frame, n);
    CHECK_IS(got.frames, 0);
    CHECK_IS(eth->stats.sent, 1);
}

// ---- The bad world ----

static bool about(uint32_t actual, uint32_t expected)
{
    return actual > expected * 9 / 10 && actual < expected * 11 / 10;
}

static void clean_wire_changes_nothing(void)
{
    send_many(&clean, 1000);
    CHECK_IS(got.frames, 1000);
    CHECK_IS(got.wrong_sums + got.wrong_data + got.overtaken, 0);
    CHECK_IS(wire_counts()->carried, 1000);
    CHECK_IS(wire_counts()->arrived, 1000);
}

static void faults_by_percent_and_seed(void)
{
    struct wire_faults bad = WIRE_CLEAN;
    struct wire_counts first;
    uint32_t hash;

    CHECK(wire_parse(&bad, "loss=20,dup=10,reorder=30,corrupt=10,delay=200,jitter=500,seed=7"));
    send_many(&bad, MANY);
    first = *wire_counts();
    hash = got.hash;
    CHECK_IS(first.carried, MANY);
    CHECK(about(first.lost, MANY / 5));
    CHECK(about(first.duplicated, (MANY - first.lost) / 10));
    CHECK(about(first.reordered, (MANY - first.lost) * 3 / 10));
    CHECK(about(first.corrupted, (MANY - first.lost) / 10));
    // The very same on every machine; tests/test_relay.py has these figures, too.
    CHECK_IS(first.lost, 1929);
    CHECK_IS(first.duplicated, 787);
    CHECK_IS(first.reordered, 2413);
    CHECK_IS(first.corrupted, 808);
    CHECK_IS(first.arrived, MANY - first.lost + first.duplicated);
    CHECK_IS(got.frames, first.arrived);
    CHECK_IS(got.wrong_data, 0);
    CHECK(got.overtaken > MANY / 10);

    send_many(&bad, MANY);
    CHECK(memcmp(&first, wire_counts(), sizeof first) == 0);
    CHECK(got.hash == hash);

    bad.seed = 8;
    send_many(&bad, MANY);
    CHECK(got.hash != hash);
}

// Not in IPv6's header, of which no checksum covers class, label and hops.
static void corruption_is_noticed(void)
{
    struct wire_faults bad = WIRE_CLEAN;
    uint8_t frame[DATA4_AT + DATA];

    bad.corrupt = 100;
    begin(&bad);
    for (uint32_t i = 0; i < 2000; i++) {
        CHECK_IS(send_frame(frame, make_udp4(frame, i, DATA)), 0);
        sleep_until(after_us(10));
    }
    sleep_ms(1);
    CHECK_IS(wire_counts()->corrupted, 2000);
    CHECK_IS(got.frames, 2000);
    CHECK_IS(got.wrong_sums, 2000);
}

// One fault more leaves the others where they were.
static void faults_are_independent(void)
{
    struct wire_faults bad = WIRE_CLEAN;
    struct wire_counts first;

    bad.loss = 5;
    send_many(&bad, 2000);
    first = *wire_counts();
    bad.corrupt = 20;
    bad.jitter = 100;
    send_many(&bad, 2000);
    CHECK_IS(wire_counts()->lost, first.lost);
}

static void jitter_keeps_the_order(void)
{
    struct wire_faults bad = WIRE_CLEAN;

    bad.jitter = 500;
    send_many(&bad, 2000);
    CHECK_IS(got.frames, 2000);
    CHECK_IS(got.overtaken, 0);
}

static void some_are_overtaken(void)
{
    struct wire_faults bad = WIRE_CLEAN;

    bad.reorder = 10;
    bad.hold = 25; // two others, 10 us apart
    send_many(&bad, KEPT);
    CHECK_IS(got.frames, KEPT);
    CHECK(got.overtaken >= 3 && got.overtaken <= wire_counts()->reordered * 3);
    for (uint32_t i = 0; i < KEPT; i++) {
        CHECK(got.numbers[i] + 3 >= i && got.numbers[i] <= i + 3);
    }
}

static void copies_arrive(void)
{
    struct wire_faults bad = WIRE_CLEAN;

    bad.dup = 100;
    send_many(&bad, 500);
    CHECK_IS(got.frames, 1000);
    CHECK_IS(got.wrong_sums + got.wrong_data, 0);
}

static void rate_holds_the_sender(void)
{
    struct wire_faults slow = WIRE_CLEAN;
    uint8_t frame[1514];
    size_t n = make_udp4(frame, 1, 1472);
    unsigned sent = 0;
    uint64_t start = time_now();

    slow.rate = 1000; // 12.3 ms a frame
    begin(&slow);
    while (sent < 10) {
        int result = send_frame(frame, n);

        sent += result == 0;
        if (result == -EAGAIN) {
            unsigned polls = got.polls;

            while (got.polls == polls) {
                sleep_ms(1); // the device kicks when there is room
            }
        }
    }
    CHECK(eth->stats.busy > 0);
    sleep_ms(200);
    CHECK_IS(got.frames, 10);
    CHECK(got.when - start > ticks_from_ms(122) && got.when - start < ticks_from_ms(126));
}

static void too_many_in_flight_are_counted(void)
{
    uint8_t frame[128];
    size_t n = make_udp4(frame, 1, 50);

    begin(&clean);
    for (int i = 0; i < WIRE_FLIGHT + 5; i++) {
        CHECK_IS(send_frame(frame, n), 0);
    }
    CHECK_IS(wire_counts()->crowded, 5);
    sleep_ms(1);
    CHECK_IS(wire_counts()->arrived, WIRE_FLIGHT);
}

// ---- The device ----

static void full_ring_is_counted(void)
{
    uint8_t frame[128];

    begin(&clean);
    deaf = true;
    for (uint32_t i = 0; i < NET_HOST_RING + 9; i++) {
        CHECK_IS(send_frame(frame, make_udp4(frame, i, 50)), 0);
        sleep_until(after_us(10));
    }
    sleep_ms(1);
    CHECK_IS(got.polls, 1); // the interrupt stays off until listen()
    CHECK_IS(eth->stats.overruns, 9);
    deaf = false;
    poller_kick(&poller);
    sleep_ms(1);
    CHECK_IS(got.frames, NET_HOST_RING);
    CHECK_IS(got.last, NET_HOST_RING - 1);
    CHECK_IS(got.wrong_sums + got.wrong_data + got.overtaken, 0);
}

static void plug_is_pulled(void)
{
    uint8_t frame[128];
    size_t n = make_udp4(frame, 1, 50);

    begin(&clean);
    CHECK(eth->link);
    CHECK_IS(send_frame(frame, n), 0);
    wire_link(false);
    CHECK_IS(send_frame(frame, n), -ENETDOWN);
    sleep_ms(1); // the poller was kicked and has looked
    CHECK(!eth->link);
    CHECK_IS(got.frames, 0);
    CHECK_IS(wire_counts()->cut, 1);
    wire_link(true);
    tasklet_yield();
    CHECK(eth->link);
    CHECK_IS(send_frame(frame, n), 0);
    sleep_ms(1);
    CHECK_IS(got.frames, 1);
}

static void starts_anew(void)
{
    uint8_t frame[128];
    size_t n = make_udp4(frame, 1, 50);

    begin(&clean);
    memcpy(frame, own_mac, 6);
    net_host_inject(frame, n); // kicks, but is forgotten before the poller runs
    wire_link(false);
    CHECK_IS(eth->driver->start(eth), 0);
    CHECK(eth->link);
    tasklet_yield();
    CHECK_IS(got.frames, 0);
    CHECK_IS(send_frame(frame, make_udp4(frame, 1, 50)), 0);
    sleep_ms(1);
    CHECK_IS(got.frames, 1);
}

static void link_flaps(void)
{
    struct wire_faults bad = WIRE_CLEAN;
    unsigned changes = 0, up = 0;
    bool before = true;

    bad.up = 30;
    bad.down = 10;
    begin(&bad);
    for (int i = 0; i < 4000; i++) {
        sleep_ms(1);
        changes += eth->link != before;
        before = eth->link;
        up += before;
    }
    CHECK(about(wire_counts()->flaps, 100));
    CHECK(changes + 1 >= wire_counts()->flaps * 2 - 1 && changes <= wire_counts()->flaps * 2);
    CHECK(about(up, 3000));
    wire_set(&clean);
    sleep_ms(50); // the next change is the last
    CHECK(eth->link);
}

static void filters_what_arrives(void)
{
    uint8_t frame[1600] = { 0 };

    begin(&clean);
    make_udp4(frame, 1, 50);
    net_host_inject(frame, 92); // for another
    net_host_inject(frame, 13); // no header
    memset(frame, 0xFF, 6);
    net_host_inject(frame, 92);
    memcpy(frame, own_mac, 6);
    net_host_inject(frame, 1514);
    net_host_inject(frame, 1515);
    tasklet_yield();
    CHECK_IS(got.frames, 2);
    CHECK_IS(got.size, 1514);
    CHECK_IS(eth->stats.errors, 2);
    CHECK_IS(eth->stats.received, 2);
}

// A peer that answers everything at once with one frame, and over the wire with another.
static bool scripted(void *arg, const uint8_t *frame, size_t n)
{
    uint8_t answer[128];
    size_t length = make_udp4(answer, 500, 50);

    *(size_t *)arg = n;
    memcpy(answer, own_mac, 6);
    net_host_inject(answer, length);
    wire_carry(answer, length);
    return frame[6] == 0x02; // ours it is
}

static void hook_is_the_peer(void)
{
    uint8_t frame[64];
    size_t seen = 0;

    begin(&clean);
    net_host_hook(scripted, &seen);
    CHECK_IS(send_frame(frame, make_udp4(frame, 1, 4)), 0);
    net_host_hook(NULL, NULL);
    tasklet_yield();
    CHECK_IS(seen, 60);
    CHECK_IS(got.frames, 1);
    sleep_ms(1);
    CHECK_IS(got.frames, 2);
    CHECK_IS(got.last, 500);
}

// The first bytes of the program, and each time these.
static void entropy_is_a_fixed_sequence(void)
{
    uint8_t bytes[8], more[8];

    CHECK_IS(entropy_read(bytes, sizeof bytes), sizeof bytes);
    CHECK_IS(entropy_read(more, sizeof more), sizeof more);
    CHECK(memcmp(bytes, more, sizeof bytes) != 0);
    CHECK_IS(frame_get16(bytes), 3412);
    CHECK_IS(frame_get16(bytes + 6), 54631);
}

static void faults_are_parsed(void)
{
    struct wire_faults f = WIRE_CLEAN;

    CHECK(wire_parse(&f, ""));
    CHECK(wire_parse(&f, "loss=3"));
    CHECK_IS(f.loss, 3);
    CHECK_IS(f.delay, 100);
    CHECK(wire_parse(&f, "loss=100,down=20,up=5,seed=4294967295"));
    CHECK(f.seed == UINT32_MAX && f.up == 5 && f.down == 20);
    CHECK(!wire_parse(&f, "loss=101"));
    CHECK(!wire_parse(&f, "loss"));
    CHECK(!wire_parse(&f, "loss="));
    CHECK(!wire_parse(&f, "los=1"));
    CHECK(!wire_parse(&f, "loss=1;dup=2"));
    CHECK(!wire_parse(&f, "seed=99999999999999999999999"));
}

int main(void)
{
    static const struct suite_case cases[] = {
        CASE(mirrors_ipv4),
        CASE(mirrors_ipv6),
        CASE(pads_short_frames),
        CASE(mirrors_what_errors_quote),
        CASE(mirrors_what_errors_quote_ipv6),
        CASE(answers_arp),
        CASE(answers_neighbours),
        CASE(mirrors_nothing_for_many),
        CASE(clean_wire_changes_nothing),
        CASE(faults_by_percent_and_seed),
        CASE(corruption_is_noticed),
        CASE(faults_are_independent),
        CASE(jitter_keeps_the_order),
        CASE(some_are_overtaken),
        CASE(copies_arrive),
        CASE(rate_holds_the_sender),
        CASE(too_many_in_flight_are_counted),
        CASE(full_ring_is_counted),
        CASE(plug_is_pulled),
        CASE(starts_anew),
        CASE(link_flaps),
        CASE(filters_what_arrives),
        CASE(hook_is_the_peer),
        CASE(entropy_is_a_fixed_sequence),
        CASE(faults_are_parsed),
    };

    poller_register(&poller);
    eth->poller = &poller;
    CHECK_IS(eth->driver->start(eth), 0);
    SUITE_RUN("wire", cases);
}

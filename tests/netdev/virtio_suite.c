// SPDX-License-Identifier: MIT
//
// The virtio network driver against a device that breaks the rules: its registers are plain memory, and
// the suite writes to the rings what no honest device would. The driver is included, so that its rings
// can be seen from here.
#include "drivers/net/virtio.c"

#include "tests/kernel/suite.h"

enum { SLOT_LINE = 1, FEATURES = 1 | F_MAC | F_STATUS | F_ANY_LAYOUT, HEADER_MAX = 12 };

// The registers that the driver reads.
static union {
    uint32_t words[0x200 / 4];
    uint8_t bytes[0x200];
} registers;
enum {
    MAGIC = 0,
    VERSION = 1,
    TYPE = 2,
    DEVICE_FEATURES = 4,
    QUEUE_SIZE_MAX = 13,
    INTERRUPT_STATUS = 24,
    STATUS = 28,
    CONFIG = 0x100
};

static struct netdev dev;
static unsigned kicks;

static void poll(struct poller *unused)
{
    (void)unused;
    kicks++;
}

static struct poller poller = POLLER_INIT(poll);

static int start_with(uint32_t version, uint32_t type, uint32_t features, uint32_t queue)
{
    static const uint8_t mac[ADDRESS] = { 2, 1, 2, 3, 4, 5 };

    memset(&registers, 0, sizeof registers);
    registers.words[MAGIC] = 0x74726976;
    registers.words[VERSION] = version;
    registers.words[TYPE] = type;
    registers.words[DEVICE_FEATURES] = features;
    registers.words[QUEUE_SIZE_MAX] = queue;
    memcpy(registers.bytes + CONFIG, mac, ADDRESS);
    registers.bytes[CONFIG + CONFIG_STATUS] = STATUS_LINK_UP;
    dev = (struct netdev){
        .driver = &net_virtio, .base = (uintptr_t)&registers, .line = SLOT_LINE, .poller = &poller
    };
    return dev.driver->start(&dev);
}

static void start_good(uint32_t version)
{
    CHECK_IS(start_with(version, VIRTIO_NETWORK, FEATURES, 256), 0);
}

// The device gives a buffer back.
static void give(struct virtq_memory *m, uint32_t id, uint32_t written)
{
    unsigned at = m->used.index % VIRTQ_SIZE;

    m->used.ring[at].id = id;
    m->used.ring[at].length = written;
    m->used.index++;
}

// The same with a frame for us in the buffer that comes next.
static uint8_t *give_frame(uint32_t written)
{
    unsigned id = rx_memory.available.ring[rx_memory.used.index % VIRTQ_SIZE];

    memcpy(rx_buffers[id] + AT + NET_PAD, dev.mac, ADDRESS);
    give(&rx_memory, id, written);
    return rx_buffers[id] + AT + NET_PAD;
}

static size_t take(void)
{
    size_t length = dev.driver->next(&dev);

    if (length > 0) {
        dev.driver->done(&dev);
    }
    return length;
}

static void only_what_it_knows(void)
{
    CHECK_IS(start_with(3, VIRTIO_NETWORK, FEATURES, 256), -ENODEV);
    CHECK_IS(start_with(2, VIRTIO_BLOCK, FEATURES, 256), -ENODEV);
    CHECK_IS(start_with(2, VIRTIO_NETWORK, FEATURES & ~1, 256), -ENODEV); // no VERSION_1
    CHECK_IS(start_with(2, VIRTIO_NETWORK, FEATURES, VIRTQ_SIZE / 2), -ENODEV);
    CHECK_IS(registers.words[STATUS] & 128, 128);
    CHECK_IS(start_with(1, VIRTIO_NETWORK, FEATURES & ~F_ANY_LAYOUT, 256), -ENODEV);
    CHECK_IS(registers.words[STATUS] & 128, 128);
}

static void takes_the_address(void)
{
    start_good(2);
    CHECK_IS(memcmp(dev.mac, registers.bytes + CONFIG, ADDRESS), 0);
    CHECK(dev.link);
    CHECK_IS(registers.words[STATUS], 15);
}

static void lengths_of(uint32_t version, uint32_t header)
{
    static const struct {
        uint32_t written; // besides the header
        size_t length;
    } rows[] = {
        { 0, 0 },       { 13, 0 },   { 14, 16 },   { 60, 62 },
        { 1514, 1516 }, { 1515, 0 }, { 65536, 0 }, { UINT32_MAX - HEADER_MAX, 0 },
    };

    start_good(version);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        give_frame(header + rows[i].written);
        CHECK_IS(take(), rows[i].length);
    }
    for (uint32_t written = 0; written < header; written++) {
        give_frame(written);
        CHECK_IS(take(), 0);
    }
    CHECK_IS(dev.stats.errors, 5 + header);
    CHECK_IS(the_state.rx.with_device, (1u << RX) - 1); // all went back
}

static void lengths(void)
{
    lengths_of(1, 10);
    lengths_of(2, 12);
}

// The driver takes no buffer that the device does not have, and no end of them in one call.
static void identities(void)
{
    start_good(2);
    give(&rx_memory, VIRTQ_SIZE, 100);
    give(&rx_memory, UINT32_MAX, 100);
    CHECK_IS(take(), 0);
    CHECK_IS(dev.stats.errors, 2);
    give_frame(100);
    CHECK_IS(dev.driver->next(&dev), 100 - 12 + NET_PAD);
    give(&rx_memory, the_state.current, 100); // it is being read
    dev.driver->done(&dev);
    CHECK(take() > 0);
    rx_memory.used.index = (uint16_t)(rx_memory.used.index + 5000);
    for (unsigned i = 0; i < 5000; i++) {
        take();
    }
    start_good(2);
    give_frame(100);
    CHECK(take() > 0);
}

static void filter(void)
{
    start_good(2);
    give_frame(100)[5]++;
    CHECK_IS(take(), 0);
    give_frame(100)[0] |= 1;
    CHECK(take() > 0);
    memset(give_frame(100), 0xFF, ADDRESS);
    CHECK(take() > 0);
    CHECK_IS(dev.stats.received, 2);
    CHECK_IS(dev.stats.errors, 0);
}

static void counts_full_rings(void)
{
    start_good(2);
    for (unsigned i = 0; i < RX; i++) {
        give_frame(100);
    }
    for (unsigned i = 0; i < RX; i++) {
        CHECK(take() > 0);
    }
    CHECK_IS(take(), 0);
    CHECK_IS(dev.stats.overruns, 1);
}

// What the device sees of a frame in two pieces.
static void layout_of(uint32_t version, size_t header)
{
    static const uint8_t zeros[60], one[9] = "..abcdefg", two[5] = "hijkl";
    const struct net_piece pieces[] = { { one, sizeof one }, { two, sizeof two } };
    const uint8_t *seen;

    start_good(version);
    memset(tx_buffers, 0xEE, sizeof tx_buffers);
    CHECK_IS(dev.driver->send(&dev, pieces, 2), 0);
    CHECK_IS(tx_memory.available.index, 1);
    CHECK_IS(tx_memory.table[tx_memory.available.ring[0]].length, header + 60);
    seen = (const uint8_t *)(uintptr_t)tx_memory.table[tx_memory.available.ring[0]].address;
    CHECK_IS(memcmp(seen, zeros, header), 0);
    CHECK_IS(memcmp(seen + header, "abcdefghijkl", 12), 0);
    CHECK_IS(memcmp(seen + header + 12, zeros, 60 - 12), 0);
}

static void layout(void)
{
    layout_of(1, 10);
    layout_of(2, 12);
}

static int send_one(void)
{
    static const uint8_t frame[NET_FRAME_MIN];

    return dev.driver->send(&dev, &(struct net_piece){ frame, sizeof frame }, 1);
}

// No room: it says so, and kicks when there is some; what it is told of buffers that were not sent is
// not believed.
static void full_of_frames(void)
{
    start_good(2);
    for (unsigned i = 0; i < TX; i++) {
        CHECK_IS(send_one(), 0);
        CHECK_IS(tx_memory.available.flags, VIRTQ_QUIET);
    }
    CHECK_IS(send_one(), -EAGAIN);
    CHECK_IS(tx_memory.available.flags, 0);
    give(&tx_memory, TX, 0);
    give(&tx_memory, 1000, 0);
    CHECK_IS(send_one(), -EAGAIN);
    CHECK_IS(dev.stats.errors, 2);
    kicks = 0;
    registers.words[INTERRUPT_STATUS] = 1;
    net_virtio_interrupt(&dev); // of something received: it goes on waiting for room
    CHECK_IS(tx_memory.available.flags, 0);
    give(&tx_memory, 3, 0);
    registers.words[INTERRUPT_STATUS] = 0;
    net_virtio_interrupt(&dev); // another device's
    CHECK_IS(tx_memory.available.flags, 0);
    registers.words[INTERRUPT_STATUS] = 1;
    net_virtio_interrupt(&dev);
    tasklet_yield();
    CHECK(kicks > 0);
    CHECK_IS(tx_memory.available.flags, VIRTQ_QUIET);
    CHECK_IS(send_one(), 0);
    CHECK_IS(send_one(), -EAGAIN);
    CHECK_IS(dev.stats.busy, 3);
    CHECK_IS(dev.stats.sent, TX + 1);
}

static void link_goes(void)
{
    start_good(2);
    registers.bytes[CONFIG + CONFIG_STATUS] = 0;
    dev.driver->look(&dev);
    CHECK(!dev.link);
    CHECK_IS(send_one(), -ENETDOWN);
    registers.bytes[CONFIG + CONFIG_STATUS] = STATUS_LINK_UP;
    dev.driver->look(&dev);
    CHECK_IS(send_one(), 0);
    CHECK_IS(start_with(2, VIRTIO_NETWORK, 1, 256), 0); // it cannot tell
    CHECK(dev.link);
    CHECK_IS(dev.mac[0], 0);
}

int main(void)
{
    static const struct suite_case cases[] = {
        CASE(only_what_it_knows),
        CASE(takes_the_address),
        CASE(lengths),
        CASE(identities),
        CASE(filter),
        CASE(counts_full_rings),
        CASE(layout),
        CASE(full_of_frames),
        CASE(link_goes),
    };

    poller_register(&poller);
    SUITE_RUN("virtio", cases);
}

// SPDX-License-Identifier: MIT
#include "drivers/net/lan9118.h"

#include <errno.h>

#include "drivers/irq/irq.h"
#include "kernel/arch.h"

// Chapter 5.3, table 5-1. Each FIFO's port is mapped over 32 bytes, for copies of eight words at a time.
struct registers {
    volatile uint32_t rx_data[8];
    volatile uint32_t tx_data[8];
    volatile uint32_t rx_status, rx_status_peek, tx_status, tx_status_peek;
    volatile uint32_t id_rev, irq_cfg, int_sts, int_en;
    volatile uint32_t reserved, byte_test, fifo_int, rx_cfg;
    volatile uint32_t tx_cfg, hw_cfg, rx_dp_ctrl, rx_fifo_inf;
    volatile uint32_t tx_fifo_inf, pmt_ctrl, gpio_cfg, gpt_cfg;
    volatile uint32_t gpt_cnt, reserved2, word_swap, free_run;
    volatile uint32_t rx_drop, mac_csr_cmd, mac_csr_data, afc_cfg;
};

_Static_assert(offsetof(struct registers, byte_test) == 0x64, "registers");
_Static_assert(offsetof(struct registers, mac_csr_cmd) == 0xA4, "registers");

enum {
    BYTE_ORDER = 0x87654321,
    LOOKS = 100000, // reset takes 10 us, the PHY's own 50 ms less

    IRQ_PUSH_PULL = 1 << 0 | 1 << 4, // and active high
    IRQ_ENABLE = 1 << 8,
    INT_RX_LEVEL = 1 << 3,   // RSFL: a frame's status is there
    INT_RX_DROPPED = 1 << 6, // RXDF_INT: the drop counter is half full
    INT_TX_ROOM = 1 << 9,    // TDFA
    INT_PHY = 1 << 18,

    TX_ROOM_FOR_FRAME = 1600 / 64, // FIFO_INT's unit
    TX_FIFO_5K = 5 << 16,          // HW_CFG: 4.5 KB of data to send, 10.5 KB received
    HW_MUST_BE_ONE = 1 << 20,
    HW_RESET = 1 << 0,
    RX_PAD = NET_PAD << 8, // RX_CFG: bytes in front of each frame
    TX_STATUS_MAY_BE_LOST = 1 << 2,
    TX_ON = 1 << 1,

    STATUS_ERROR = 1 << 15, // of a received frame
    CHECK_SEQUENCE = 4,     // bytes

    PIECE_FIRST = 1 << 13, // TX command A
    PIECE_LAST = 1 << 12,
    PIECE_OVERHEAD = 2 * 4 + 6, // bytes in the FIFO: commands, and what alignment adds

    CSR_BUSY = 1u << 31,
    CSR_READ = 1 << 30,
    MAC_CR = 1,
    MAC_ADDRH = 2,
    MAC_ADDRL = 3,
    MAC_MII_ACC = 6,
    MAC_MII_DATA = 7,
    MAC_RX_ON = 1 << 2,
    MAC_TX_ON = 1 << 3,
    MAC_ALL_MULTICAST = 1 << 19,
    MAC_FULL_DUPLEX = 1 << 20,
    MII_BUSY = 1,
    MII_WRITE = 2,
    PHY = 1 << 11, // the only address
    PHY_CONTROL = 0,
    PHY_STATUS = 1,
    PHY_NEGOTIATE = 1 << 12 | 1 << 9,
    PHY_LINK = 1 << 2,
};

static struct registers *at(const struct netdev *d)
{
    return (struct registers *)d->base;
}

static bool becomes(volatile uint32_t *where, uint32_t mask, uint32_t value)
{
    for (unsigned looks = LOOKS; looks > 0; looks--) {
        if ((*where & mask) == value) {
            return true;
        }
    }
    return false;
}

// ---- The MAC's and the PHY's registers stand behind others ----

static uint32_t mac_read(struct registers *r, uint32_t index)
{
    becomes(&r->mac_csr_cmd, CSR_BUSY, 0);
    r->mac_csr_cmd = CSR_BUSY | CSR_READ | index;
    becomes(&r->mac_csr_cmd, CSR_BUSY, 0);
    return r->mac_csr_data;
}

static void mac_write(struct registers *r, uint32_t index, uint32_t value)
{
    becomes(&r->mac_csr_cmd, CSR_BUSY, 0);
    r->mac_csr_data = value;
    r->mac_csr_cmd = CSR_BUSY | index;
    becomes(&r->mac_csr_cmd, CSR_BUSY, 0);
}

static bool phy_ready(struct registers *r)
{
    for (unsigned looks = LOOKS / 100; looks > 0; looks--) {
        if ((mac_read(r, MAC_MII_ACC) & MII_BUSY) == 0) {
            return true;
        }
    }
    return false;
}

static uint32_t phy_read(struct registers *r, uint32_t index)
{
    phy_ready(r);
    mac_write(r, MAC_MII_ACC, PHY | index << 6 | MII_BUSY);
    phy_ready(r);
    return mac_read(r, MAC_MII_DATA);
}

static void phy_write(struct registers *r, uint32_t index, uint32_t value)
{
    phy_ready(r);
    mac_write(r, MAC_MII_DATA, value);
    mac_write(r, MAC_MII_ACC, PHY | index << 6 | MII_WRITE | MII_BUSY);
    phy_ready(r);
}

// ---- The driver ----

static void look(struct netdev *d)
{
    d->link = (phy_read(at(d), PHY_STATUS) & PHY_LINK) != 0;
    d->stats.overruns += at(d)->rx_drop; // cleared by reading
}

static void set_address(struct registers *r, const uint8_t *mac)
{
    mac_write(r, MAC_ADDRH, (uint32_t)mac[5] << 8 | mac[4]);
    mac_write(r, MAC_ADDRL,
              (uint32_t)mac[3] << 24 | (uint32_t)mac[2] << 16 | (uint32_t)mac[1] << 8 | mac[0]);
}

static int start(struct netdev *d)
{
    struct registers *r = at(d);

    if (r->byte_test != (uint32_t)BYTE_ORDER) {
        return -ENODEV;
    }
    r->hw_cfg = HW_RESET;
    if (!becomes(&r->hw_cfg, HW_RESET, 0)) {
        return -ETIMEDOUT;
    }
    r->hw_cfg = HW_MUST_BE_ONE | TX_FIFO_5K;
    r->irq_cfg = IRQ_PUSH_PULL | IRQ_ENABLE;
    r->fifo_int = (uint32_t)TX_ROOM_FOR_FRAME << 24;
    r->rx_cfg = RX_PAD;
    r->tx_cfg = TX_STATUS_MAY_BE_LOST | TX_ON;
    set_address(r, d->mac);
    phy_write(r, PHY_CONTROL, PHY_NEGOTIATE);
    mac_write(r, MAC_CR, MAC_RX_ON | MAC_TX_ON | MAC_ALL_MULTICAST | MAC_FULL_DUPLEX);
    r->int_sts = UINT32_MAX;
    r->int_en = INT_RX_LEVEL;
    look(d);
    irq_enable(d->line, IRQ_NORMAL);
    return 0;
}

// A level remains as long as it lasts, so what is reported is turned off until somebody has dealt with
// it.
void net_lan9118_interrupt(struct netdev *d)
{
    struct registers *r = at(d);
    uint32_t pending = r->int_sts & r->int_en;

    r->int_en &= ~(pending & (INT_RX_LEVEL | INT_TX_ROOM));
    r->int_sts = pending;
    netdev_kick(d);
}

static void listen(struct netdev *d)
{
    struct registers *r = at(d);
    uintptr_t state = arch_irq_save();

    r->int_sts = INT_RX_LEVEL;
    r->int_en |= INT_RX_LEVEL;
    arch_irq_restore(state);
}

// What remains of the frame that is being read, in words: `state` counts them.
static uintptr_t words_left(const struct netdev *d)
{
    return (uintptr_t)d->state;
}

static void set_words_left(struct netdev *d, uintptr_t words)
{
    d->state = (void *)words;
}

// What is left is read and forgotten. (The device could skip it, RX_DP_CTRL, but QEMU 7.2 then never
// gives the room in its FIFO back.)
static void done(struct netdev *d)
{
    struct registers *r = at(d);

    for (uintptr_t words = words_left(d); words > 0; words--) {
        (void)r->rx_data[0];
    }
    (void)r->rx_status; // takes it out of its FIFO
}

static size_t next(struct netdev *d)
{
    struct registers *r = at(d);

    while ((r->rx_fifo_inf & 0xFF0000) != 0) {
        uint32_t status = r->rx_status_peek, length = status >> 16 & 0x3FFF;

        set_words_left(d, (NET_PAD + length + 3) / 4);
        length = length + NET_PAD - CHECK_SEQUENCE;
        if (!(status & STATUS_ERROR) && length <= NET_FRAME_MAX && length > NET_PAD + 14) {
            d->stats.received++;
            return length;
        }
        d->stats.errors++;
        done(d);
    }
    return 0;
}

static void read(struct netdev *d, void *to, size_t n)
{
    size_t words = (n + 3) / 4;

    arch_window_read(to, at(d)->rx_data, words);
    set_words_left(d, words_left(d) - words);
}

static void put_piece(struct registers *r, uintptr_t address, uint32_t size, uint32_t flags,
                      size_t length)
{
    uint32_t offset = address & 3;

    r->tx_data[0] = offset << 16 | flags | size;
    r->tx_data[0] = (uint32_t)length << 16 | (uint32_t)length; // the tag is any number
    arch_window_write(r->tx_data, (const uint32_t *)(address - offset), (offset + size + 3) / 4);
}

// The device pads short frames itself, but QEMU's does not.
static int send(struct netdev *d, const struct net_piece *pieces, size_t count)
{
    static const uint32_t zeros[NET_FRAME_MIN / 4 + 1];
    struct registers *r = at(d);
    size_t length = 0, left, padding;
    uint32_t flags = PIECE_FIRST;

    for (size_t i = 0; i < count; i++) {
        length += pieces[i].size;
    }
    padding = length < NET_FRAME_MIN ? NET_FRAME_MIN - length : 0;
    length += padding;
    if ((r->tx_fifo_inf & 0xFFFF) < length + (count + 1) * PIECE_OVERHEAD) {
        d->stats.busy++;
        r->int_en |= INT_TX_ROOM; // the handler only turns it off
        return -EAGAIN;
    }
    length -= NET_PAD;
    left = length - padding;
    for (size_t i = 0, skip = NET_PAD; left > 0; i++) {
        size_t size = pieces[i].size - (skip < pieces[i].size ? skip : pieces[i].size);

        if (size > 0) { // an empty piece would end in the middle of nothing
            left -= size;
            put_piece(r, (uintptr_t)pieces[i].data + skip, (uint32_t)size,
                      flags | (left + padding == 0 ? PIECE_LAST : 0), length);
            flags = 0;
        }
        skip = size > 0 || skip <= pieces[i].size ? 0 : skip - pieces[i].size;
    }
    if (padding > 0) {
        put_piece(r, (uintptr_t)zeros, (uint32_t)padding, flags | PIECE_LAST, length);
    }
    d->stats.sent++;
    return 0;
}

const struct net_driver net_lan9118 = {
    .start = start,
    .next = next,
    .read = read,
    .done = done,
    .listen = listen,
    .send = send,
    .look = look,
};

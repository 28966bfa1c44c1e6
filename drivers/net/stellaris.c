// SPDX-License-Identifier: MIT
#include "drivers/net/stellaris.h"

#include <errno.h>
#include <string.h>

#include "drivers/irq/irq.h"
#include "kernel/panic.h"

// Data sheet, "Register map". Names as there, with their MAC.
struct registers {
    volatile uint32_t status;     // RIS: interrupts before the mask. Writing 1 acknowledges (IACK)
    volatile uint32_t mask;       // IM; 1: the interrupt is enabled
    volatile uint32_t rx_control; // RCTL
    volatile uint32_t tx_control; // TCTL
    volatile uint32_t data;       // DATA: either FIFO
    volatile uint32_t address[2]; // IA0, IA1
    volatile uint32_t threshold;  // THR: when transmission begins by itself
    volatile uint32_t mii;        // MCTL
    volatile uint32_t divider;    // MDV: its clock is the system's / (2 * (divider + 1))
    uint32_t gap;
    volatile uint32_t mii_out;  // MTXD
    volatile uint32_t mii_in;   // MRXD
    volatile uint32_t frames;   // NP: complete ones in the receive FIFO
    volatile uint32_t transmit; // TR
};

enum {
    INTR_RX = 1 << 0,
    INTR_TX_ERROR = 1 << 1, // its acknowledgement empties the transmit FIFO
    INTR_TX_EMPTY = 1 << 2,
    INTR_OVERRUN = 1 << 3,
    INTR_RX_ERROR = 1 << 4,
    INTR_ALL = 0x7F,
    INTR_ERRORS = INTR_TX_ERROR | INTR_OVERRUN | INTR_RX_ERROR,
    RX_ENABLE = 1 << 0,
    RX_MULTICAST = 1 << 1,
    RX_REJECT_BAD_FCS = 1 << 3,
    RX_RESET = 1 << 4,
    RX_RUN = RX_ENABLE | RX_MULTICAST | RX_REJECT_BAD_FCS,
    TX_RUN = 1 << 0 | 1 << 1 | 1 << 2 | 1 << 3, // enabled, pads, adds the FCS, full duplex
    TX_WHOLE_FRAMES = 0x3F,
    TX_NEW = 1 << 0,          // set to send, cleared by the device when it has
    MII_START = 1 << 0,       // cleared by the device when it is done
    MII_READ_STATUS = 1 << 3, // register 1 of the PHY (IEEE 802.3, 22.2.4)
    STATUS_LINK = 1 << 2,     //
    MII_DIVIDER = 19,         // 2.5 MHz from a system clock of 100 MHz, 1.25 MHz from 50
    LOOKS = 20000,            // a turn on the MII takes 64 of its clocks, 51 us
    ETHERNET_HEADER = 14,     //
    FCS = 4,                  // frame check sequence
    LENGTH_MIN = NET_PAD + ETHERNET_HEADER + FCS,
    LENGTH_MAX = 2048, // of the FIFO
};

// Words in memory of any type.
typedef uint32_t __attribute__((may_alias)) any_word;

// The frame that came first. The FIFO has no way back: its length is in the first word, together with
// the first two bytes, so that word is read by next() and handed out later.
static struct {
    uint32_t first; // the length with itself and the FCS, 16 bits; then two bytes of the frame
    uint16_t size;  // as next() says; 0: no frame was begun
    uint16_t words; // still in the FIFO
    bool handed;    // read() has given the first word
    bool reset;     // an error may have left the FIFO in disorder: reset it when it is empty
} rx;

static struct registers *registers_of(const struct netdev *d)
{
    return (struct registers *)d->base;
}

// As the data sheet wants it: with the receiver off.
static void reset_rx_fifo(struct registers *r)
{
    r->rx_control = RX_RUN & ~RX_ENABLE;
    r->rx_control = (RX_RUN & ~RX_ENABLE) | RX_RESET;
    r->rx_control = RX_RUN;
    rx.reset = false;
}

// A frame with a wrong check sequence never comes up: the device throws it away and all that are in the
// FIFO with it.
static void count_errors(struct netdev *d, struct registers *r)
{
    uint32_t errors = r->status & INTR_ERRORS;

    if (errors == 0) {
        return;
    }
    r->status = errors;
    if (errors & INTR_OVERRUN) {
        d->stats.overruns++;
    }
    if (errors & INTR_RX_ERROR) {
        d->stats.errors++;
    }
    if (errors & INTR_TX_ERROR) {
        d->stats.errors++;
    }
    rx.reset = rx.reset || (errors & (INTR_OVERRUN | INTR_RX_ERROR)) != 0;
}

// ---- Receiving ----

static void skip(struct registers *r)
{
    for (; rx.words > 0; rx.words--) {
        (void)r->data;
    }
    rx.size = 0;
}

static size_t next(struct netdev *d)
{
    struct registers *r = registers_of(d);

    if (rx.size != 0) {
        return rx.size;
    }
    count_errors(d, r);
    while (r->frames != 0) {
        uint32_t first = r->data;
        uint32_t length = first & 0xFFFF;

        if (length < LENGTH_MIN || length > LENGTH_MAX) { // where a frame ends is no longer known
            d->stats.errors++;
            reset_rx_fifo(r);
            return 0;
        }
        rx.words = (uint16_t)((length - 1) / 4);
        if (length <= NET_FRAME_MAX + FCS) {
            rx.first = first;
            rx.size = (uint16_t)(length - FCS);
            rx.handed = false;
            d->stats.received++;
            return rx.size;
        }
        d->stats.errors++;
        skip(r);
    }
    if (rx.reset) {
        reset_rx_fifo(r);
    }
    return 0;
}

// Eight loads and then the stores, so that the compiler stores two words at once. The loads have one
// address: no instruction does several of them.
static void read(struct netdev *d, void *to, size_t n)
{
    const volatile uint32_t *fifo = &registers_of(d)->data;
    any_word *word = to;
    size_t words = (n + 3) / 4;

    if (words > 0 && !rx.handed) {
        rx.handed = true;
        *word++ = rx.first;
        words--;
    }
    rx.words = (uint16_t)(rx.words - words);
    for (; words >= 8; words -= 8, word += 8) {
        uint32_t w0 = *fifo, w1 = *fifo, w2 = *fifo, w3 = *fifo;
        uint32_t w4 = *fifo, w5 = *fifo, w6 = *fifo, w7 = *fifo;

        word[0] = w0;
        word[1] = w1;
        word[2] = w2;
        word[3] = w3;
        word[4] = w4;
        word[5] = w5;
        word[6] = w6;
        word[7] = w7;
    }
    for (; words > 0; words--) {
        *word++ = *fifo;
    }
}

static void done(struct netdev *d)
{
    skip(registers_of(d));
}

// What came since next() said 0 is either acknowledged here and seen by the next() that follows, or
// raises the interrupt. An error interrupts until next() has counted it.
//
// The mask is changed here and in send() without masking interrupts: the handler only takes bits
// away, and a bit that is put back makes it run once more.
static void listen(struct netdev *d)
{
    struct registers *r = registers_of(d);

    r->status = INTR_RX;
    r->mask |= INTR_RX | INTR_ERRORS;
}

void net_stellaris_interrupt(struct netdev *d)
{
    struct registers *r = registers_of(d);

    r->mask &= ~r->status;
    netdev_kick(d);
}

// ---- Sending ----

// Words for the FIFO, made of pieces.
struct packer {
    volatile uint32_t *fifo;
    uint32_t word;  // begun, from its lowest byte
    unsigned shift; // where its next byte goes; 0: nothing is begun
};

static void pack_byte(struct packer *p, uint8_t byte)
{
    p->word |= (uint32_t)byte << p->shift;
    p->shift = (p->shift + 8) % 32;
    if (p->shift == 0) {
        *p->fifo = p->word;
        p->word = 0;
    }
}

// Armv7-M loads words from any address.
static inline uint32_t load(const uint8_t *from)
{
    uint32_t word;

    memcpy(&word, from, sizeof word);
    return word;
}

// Aligned words are loaded two at once.
static inline void pack_eight(volatile uint32_t *fifo, const any_word *word)
{
    uint32_t w0 = word[0], w1 = word[1], w2 = word[2], w3 = word[3];
    uint32_t w4 = word[4], w5 = word[5], w6 = word[6], w7 = word[7];

    *fifo = w0;
    *fifo = w1;
    *fifo = w2;
    *fifo = w3;
    *fifo = w4;
    *fifo = w5;
    *fifo = w6;
    *fifo = w7;
}

// Completes the word that was begun, then takes words wherever they lie, then begins one.
static void pack(struct packer *p, const uint8_t *from, size_t n)
{
    volatile uint32_t *fifo = p->fifo;

    for (; n > 0 && p->shift != 0; n--) {
        pack_byte(p, *from++);
    }
    if ((uintptr_t)from % 4 == 0) {
        for (; n >= 32; n -= 32, from += 32) {
            pack_eight(fifo, (const any_word *)from);
        }
    }
    for (; n >= 32; n -= 32, from += 32) {
        *fifo = load(from);
        *fifo = load(from + 4);
        *fifo = load(from + 8);
        *fifo = load(from + 12);
        *fifo = load(from + 16);
        *fifo = load(from + 20);
        *fifo = load(from + 24);
        *fifo = load(from + 28);
    }
    for (; n >= 4; n -= 4, from += 4) {
        *fifo = load(from);
    }
    for (; n > 0; n--) {
        pack_byte(p, *from++);
    }
}

// The FIFO wants a length in front, of what follows the Ethernet header: it takes the NET_PAD's place.
static int send(struct netdev *d, const struct net_piece *pieces, size_t count)
{
    struct registers *r = registers_of(d);
    struct packer p = { .fifo = &r->data, .shift = 16 };
    size_t total = 0;

    if (!d->link) {
        return -ENETDOWN;
    }
    count_errors(d, r);
    if (r->transmit & TX_NEW) {
        d->stats.busy++;
        r->mask |= INTR_TX_EMPTY;
        return -EAGAIN;
    }
    for (size_t i = 0; i < count; i++) {
        total += pieces[i].size;
    }
    ASSERT(total >= NET_PAD + ETHERNET_HEADER && total <= NET_FRAME_MAX &&
               pieces[0].size >= NET_PAD,
           "send: not an Ethernet frame");
    p.word = (uint32_t)(total - NET_PAD - ETHERNET_HEADER);
    pack(&p, (const uint8_t *)pieces[0].data + NET_PAD, pieces[0].size - NET_PAD);
    for (size_t i = 1; i < count; i++) {
        pack(&p, pieces[i].data, pieces[i].size);
    }
    if (p.shift != 0) {
        *p.fifo = p.word;
    }
    r->status = INTR_TX_EMPTY; // of the frame before
    r->transmit = TX_NEW;
    d->stats.sent++;
    return 0;
}

// ---- Link, start ----

// Takes what the last look has asked the PHY for, and asks anew: so nothing waits for the MII, and the
// answer is as old as the last look. A PHY's status is never zero, since it says what it can do. Where
// it is, there is no PHY, as under QEMU, and a link at all times.
static void look(struct netdev *d)
{
    struct registers *r = registers_of(d);

    if (r->mii & MII_START) {
        return;
    }
    d->link = r->mii_in == 0 || (r->mii_in & STATUS_LINK) != 0;
    r->mii = MII_READ_STATUS | MII_START;
}

static int start(struct netdev *d)
{
    struct registers *r = registers_of(d);
    uint32_t lower, looks = LOOKS;

    net_stellaris_prepare(d);
    r->mask = 0;
    r->tx_control = 0;
    lower = load(d->mac);
    r->address[0] = lower;
    r->address[1] = d->mac[4] | (uint32_t)d->mac[5] << 8;
    if (r->address[0] != lower) {
        return -ENODEV;
    }
    r->divider = MII_DIVIDER;
    r->mii = MII_READ_STATUS | MII_START;
    while (r->mii & MII_START) {
        if (--looks == 0) {
            return -ETIMEDOUT;
        }
    }
    look(d);
    r->threshold = TX_WHOLE_FRAMES;
    r->tx_control = TX_RUN;
    rx.size = rx.words = 0;
    reset_rx_fifo(r);
    r->status = INTR_ALL;
    irq_enable(d->line, IRQ_NORMAL);
    listen(d);
    return 0;
}

const struct net_driver net_stellaris = {
    .start = start,
    .next = next,
    .read = read,
    .done = done,
    .listen = listen,
    .send = send,
    .look = look,
};

// SPDX-License-Identifier: MIT
#include "drivers/net/virtio.h"

#include <errno.h>
#include <string.h>

#include "drivers/irq/irq.h"
#include "drivers/virtio/virtio.h"
#include "kernel/panic.h"

// One buffer, for either direction. The device's header of 10 or 12 bytes [5.1.6] ends where the frame
// begins, so that the NET_PAD, which lies over the header's end, and the IP header are aligned:
//
//     0      2 or 4                  12         14          28
//     |      | header of the device ... pad ... | Ethernet  | IP ...
//            ^ what the device sees             ^ AT + NET_PAD
enum {
    BUFFER = 1536,
    AT = 12,
    RX = VIRTQ_SIZE,
    TX = VIRTQ_SIZE / 2,
    ADDRESS = 6,
    ETHERNET = 14,
};

enum {
    RX_QUEUE = 0, // [5.1.2]
    TX_QUEUE = 1,
    F_MAC = 1 << 5, // features [5.1.3]
    F_STATUS = 1 << 16,
    F_ANY_LAYOUT = 1 << 27, // legacy: the header need not be a piece of its own [6.3]
    CONFIG_MAC = 0,         // [5.1.4]
    CONFIG_STATUS = 6,
    STATUS_LINK_UP = 1,
};

_Static_assert(AT + NET_FRAME_MAX <= BUFFER, "a frame fits");

struct net_virtio {
    struct virtio device;
    struct virtq rx, tx;
    size_t header; // of the device, in bytes
    size_t length; // of the frame that is being read, NET_PAD included; 0: none is
    size_t position;
    unsigned current; // its buffer
    bool full;        // since listen(), all buffers were; counted
};

static struct net_virtio the_state;
static struct virtq_memory rx_memory, tx_memory;
static _Alignas(4) uint8_t rx_buffers[RX][BUFFER], tx_buffers[TX][BUFFER];

static uint8_t *header_of(const struct net_virtio *n, uint8_t *buffer)
{
    return buffer + AT + NET_PAD - n->header;
}

// ---- Receiving ----

static void post(struct net_virtio *n, unsigned id)
{
    virtq_post(&n->device, &n->rx, id);
}

// The length of the frame in the current buffer, of which the device says that it has written so much
// with its header; 0 if it is broken or for somebody else.
static size_t accept(struct netdev *d, const struct net_virtio *n, uint32_t written)
{
    const uint8_t *destination = rx_buffers[n->current] + AT + NET_PAD;
    size_t length = written - n->header + NET_PAD;

    if (written < n->header + ETHERNET || length > NET_FRAME_MAX) {
        d->stats.errors++;
        return 0;
    }
    if ((destination[0] & 1) == 0 && memcmp(destination, d->mac, ADDRESS) != 0) {
        return 0;
    }
    d->stats.received++;
    return length;
}

static size_t next(struct netdev *d)
{
    struct net_virtio *n = d->state;
    uint32_t written;

    if (!n->full && virtq_waiting(&n->rx) >= RX) {
        n->full = true;
        d->stats.overruns++;
    }
    for (unsigned looks = RX; n->length == 0 && looks > 0; looks--) {
        int id = virtq_take(&n->rx, &written);

        if (id == -EAGAIN) {
            break;
        }
        if (id < 0) {
            d->stats.errors++;
            continue;
        }
        n->current = (unsigned)id;
        n->position = 0;
        n->length = accept(d, n, written);
        if (n->length == 0) {
            post(n, n->current);
        }
    }
    return n->length;
}

static void read(struct netdev *d, void *to, size_t n)
{
    struct net_virtio *state = d->state;

    ASSERT(n <= state->length - state->position, "netdev read: behind the end of the frame");
    memcpy(to, rx_buffers[state->current] + AT + state->position, n);
    state->position += n;
}

static void done(struct netdev *d)
{
    struct net_virtio *n = d->state;

    ASSERT(n->length > 0, "netdev done: there is no frame");
    n->length = 0;
    post(n, n->current);
}

static void listen(struct netdev *d)
{
    struct net_virtio *n = d->state;

    n->full = false;
    virtq_quiet(&n->rx, false);
}

// ---- Sending ----

// Takes back what was sent, and returns a buffer that is free, or -EAGAIN.
static int find_free(struct netdev *d, struct net_virtio *n)
{
    uint32_t written;
    int id = 0;

    for (unsigned looks = VIRTQ_SIZE; looks > 0 && id != -EAGAIN; looks--) {
        id = virtq_take(&n->tx, &written);
        d->stats.errors += id == -EIO;
    }
    for (id = 0; id < TX; id++) {
        if ((n->tx.with_device >> id & 1) == 0) {
            return id;
        }
    }
    return -EAGAIN;
}

// Puts the pieces together behind the header, and returns their length with NET_PAD and padding.
static size_t gather(uint8_t *to, const struct net_piece *pieces, size_t count)
{
    size_t length = 0;

    for (size_t i = 0; i < count; i++) {
        ASSERT(pieces[i].size <= NET_FRAME_MAX - length, "netdev send: the frame is too long");
        memcpy(to + length, pieces[i].data, pieces[i].size);
        length += pieces[i].size;
    }
    if (length < NET_FRAME_MIN) {
        memset(to + length, 0, NET_FRAME_MIN - length);
        length = NET_FRAME_MIN;
    }
    return length;
}

// While there is room, the device need not say that it is through with something.
static int send(struct netdev *d, const struct net_piece *pieces, size_t count)
{
    struct net_virtio *n = d->state;
    size_t length;
    int id;

    if (!d->link) {
        return -ENETDOWN;
    }
    id = find_free(d, n);
    if (id < 0) {
        virtq_quiet(&n->tx, false);
        id = find_free(d, n);
        if (id < 0) {
            d->stats.busy++;
            return id;
        }
    }
    virtq_quiet(&n->tx, true);
    length = gather(tx_buffers[id] + AT, pieces, count);
    memset(header_of(n, tx_buffers[id]), 0, n->header); // no offloads of any kind
    virtq_describe(&n->tx, (unsigned)id, header_of(n, tx_buffers[id]), n->header - NET_PAD + length,
                   0);
    virtq_post(&n->device, &n->tx, (unsigned)id);
    d->stats.sent++;
    return 0;
}

// ---- The device ----

static void look(struct netdev *d)
{
    const struct net_virtio *n = d->state;

    d->link = (n->device.features & F_STATUS) == 0 ||
              (virtio_config16(&n->device, CONFIG_STATUS) & STATUS_LINK_UP) != 0;
}

// The interrupt means used buffers or a change of the configuration, which is the link's. Sending may
// be waited for only if there is room now: else what was received would silence the sender.
void net_virtio_interrupt(struct netdev *d)
{
    struct net_virtio *n = d->state;

    if (n == NULL || !virtio_acknowledge(&n->device)) {
        return;
    }
    virtq_quiet(&n->rx, true);
    if (virtq_waiting(&n->tx) > 0) {
        virtq_quiet(&n->tx, true);
    }
    netdev_kick(d);
}

static void find_address(struct netdev *d, const struct virtio *v)
{
    static const uint8_t none[ADDRESS];

    if ((v->features & F_MAC) != 0 && memcmp(d->mac, none, ADDRESS) == 0) {
        for (unsigned i = 0; i < ADDRESS; i++) {
            d->mac[i] = virtio_config8(v, CONFIG_MAC + i);
        }
    }
}

static int start_queues(struct net_virtio *n)
{
    int error = 0;

    n->rx.memory = &rx_memory;
    n->tx.memory = &tx_memory;
    error = virtq_start(&n->device, &n->rx, RX_QUEUE);
    return error != 0 ? error : virtq_start(&n->device, &n->tx, TX_QUEUE);
}

static int start(struct netdev *d)
{
    struct net_virtio *n = &the_state;
    int error;

    if (d->state != NULL) {
        irq_disable(n->device.line); // once more
    }
    *n = (struct net_virtio){ .device = { .base = d->base, .line = d->line } };
    error = virtio_start(&n->device, VIRTIO_NETWORK, F_MAC | F_STATUS | F_ANY_LAYOUT);
    if (error != 0) {
        return error;
    }
    if (!n->device.modern && (n->device.features & F_ANY_LAYOUT) == 0) {
        error = -ENODEV;
    } else {
        error = start_queues(n);
    }
    if (error != 0) {
        virtio_fail(&n->device);
        return error;
    }
    n->header = n->device.modern ? 12 : 10;
    d->state = n;
    find_address(d, &n->device);
    virtio_ready(&n->device);
    for (unsigned id = 0; id < RX; id++) {
        uint8_t *at = header_of(n, rx_buffers[id]);

        virtq_describe(&n->rx, id, at, (size_t)(rx_buffers[id] + BUFFER - at), VIRTQ_WRITE);
        post(n, id);
    }
    look(d);
    irq_enable(n->device.line, IRQ_NORMAL);
    listen(d);
    return 0;
}

const struct net_driver net_virtio = {
    .start = start,
    .next = next,
    .read = read,
    .done = done,
    .listen = listen,
    .send = send,
    .look = look,
};

// SPDX-License-Identifier: MIT
#include "drivers/net/host.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "drivers/clock/host.h"
#include "drivers/net/host_fd.h"
#include "drivers/net/host_mirror.h"
#include "drivers/net/host_wire.h"
#include "kernel/panic.h"

enum {
    HEADER = 14, // bytes: to, from, type
    WHOLE_FRAME = NET_FRAME_MAX - NET_PAD,
    SLOT = 1520,
    PAD_CONTENTS = 0xA5, // so that nobody relies on the NET_PAD
};
_Static_assert(SLOT % 4 == 0 && SLOT >= (int)NET_FRAME_MAX, "read() copies whole words");
_Static_assert(WHOLE_FRAME == (int)WIRE_FRAME_MAX, "the wire takes every frame");

enum kind { NONE, MIRROR, DESCRIPTOR };

static const char *wanted; // instead of STINT_WIRE
static enum kind kind;
static struct netdev *device;
static bool cable;     // there is a link now; d->link follows in look()
static bool listening; // the receive interrupt is on

// Written by the handler at the head, taken by the poller from the tail.
static struct {
    unsigned head, tail; // count on and on
    size_t at;           // what read() has taken of the frame at the tail
    size_t sizes[NET_HOST_RING];
    _Alignas(4) uint8_t frames[NET_HOST_RING][SLOT];
} ring;

static struct {
    bool (*fn)(void *arg, const uint8_t *frame, size_t n);
    void *arg;
} hook;

void net_host_wire(const char *text)
{
    wanted = text;
}

void net_host_hook(bool (*fn)(void *arg, const uint8_t *frame, size_t n), void *arg)
{
    hook.fn = fn;
    hook.arg = arg;
}

// ---- Receiving ----

// The address filter.
static bool is_for(const struct netdev *d, const uint8_t *frame)
{
    return (frame[0] & 1) != 0 || memcmp(frame, d->mac, sizeof d->mac) == 0;
}

static void arrive(const uint8_t *frame, size_t n)
{
    struct netdev *d = device;
    unsigned slot = ring.head % NET_HOST_RING;

    if (n < HEADER || n > WHOLE_FRAME) {
        d->stats.errors++;
        return;
    }
    if (!is_for(d, frame)) {
        return;
    }
    if (ring.head - ring.tail == NET_HOST_RING) {
        d->stats.overruns++;
        return;
    }
    memset(ring.frames[slot], PAD_CONTENTS, NET_PAD);
    memcpy(ring.frames[slot] + NET_PAD, frame, n);
    ring.sizes[slot] = NET_PAD + n;
    ring.head++;
    if (listening) {
        listening = false;
        netdev_kick(d);
    }
}

void net_host_inject(const uint8_t *frame, size_t n)
{
    arrive(frame, n);
}

static size_t next(struct netdev *d)
{
    (void)d;
    return ring.head == ring.tail ? 0 : ring.sizes[ring.tail % NET_HOST_RING];
}

// Writes the last word whole, as devices do, so that a buffer without room for it is found out.
static void read_words(struct netdev *d, void *to, size_t n)
{
    size_t whole = (n + 3) / 4 * 4;

    ASSERT((uintptr_t)to % 4 == 0, "net read: the buffer is not aligned");
    ASSERT(n <= next(d) - ring.at, "net read: more than the frame has");
    memcpy(to, ring.frames[ring.tail % NET_HOST_RING] + ring.at, whole);
    ring.at += whole;
}

static void done(struct netdev *d)
{
    ASSERT(ring.head != ring.tail, "net done: there is no frame");
    ring.at = 0;
    ring.tail++;
    d->stats.received++;
}

static void listen_again(struct netdev *d)
{
    (void)d;
    listening = true;
}

// ---- Sending ----

static size_t gather(uint8_t *frame, const struct net_piece *pieces, size_t count)
{
    size_t n = 0;

    ASSERT(count > 0 && count <= NET_PIECES, "net send: too many pieces");
    ASSERT(pieces[0].size >= NET_PAD, "net send: no NET_PAD in the first piece");
    for (size_t i = 0; i < count; i++) {
        size_t skip = i == 0 ? NET_PAD : 0, size = pieces[i].size - skip;

        ASSERT(size <= WHOLE_FRAME - n, "net send: the frame is too long");
        memcpy(frame + n, (const uint8_t *)pieces[i].data + skip, size);
        n += size;
    }
    ASSERT(n >= HEADER, "net send: no header");
    if (n < NET_FRAME_MIN - NET_PAD) {
        memset(frame + n, 0, NET_FRAME_MIN - NET_PAD - n);
        n = NET_FRAME_MIN - NET_PAD;
    }
    return n;
}

static void carry(uint8_t *frame, size_t n)
{
    if (kind == DESCRIPTOR) {
        wire_fd_send(frame, n);
    } else {
        n = mirror_frame(frame, n);
        if (n > 0) {
            wire_carry(frame, n);
        }
    }
}

static int send(struct netdev *d, const struct net_piece *pieces, size_t count)
{
    static uint8_t frame[WHOLE_FRAME];

    if (!cable) {
        return -ENETDOWN;
    }
    if (kind == MIRROR && !wire_room()) {
        d->stats.busy++;
        return -EAGAIN;
    }
    size_t n = gather(frame, pieces, count);

    d->stats.sent++;
    if (hook.fn == NULL || !hook.fn(hook.arg, frame, n)) {
        carry(frame, n);
    }
    return 0;
}

// ---- The wire ----

static void link_changed(bool up)
{
    cable = up;
    netdev_kick(device);
}

static void room(void)
{
    netdev_kick(device);
}

static void look(struct netdev *d)
{
    d->link = cable;
}

// The rest of the text behind the word, if it begins with that; else NULL.
static const char *behind(const char *text, const char *word)
{
    size_t n = strlen(word);

    return strncmp(text, word, n) == 0 ? text + n : NULL;
}

// NULL, or why there is no such wire.
static const char *connect_mirror(const char *rest)
{
    static const struct wire_end end = { arrive, link_changed, room };
    struct wire_faults faults = WIRE_CLEAN;

    if (!clock_host_is_virtual()) {
        return "needs virtual time (STINT_VIRTUAL=1)";
    }
    if ((*rest != '\0' && *rest != ',') || !wire_parse(&faults, rest + (*rest == ','))) {
        return "is not a list of faults, see drivers/net/host_wire.h";
    }
    kind = MIRROR;
    wire_open(&end, &faults);
    return NULL;
}

static const char *connect_to(const char *text)
{
    const char *rest = behind(text, "mirror");

    if (rest != NULL) {
        return connect_mirror(rest);
    }
    if (strcmp(text, "none") == 0) {
        return NULL;
    }
    if (clock_host_is_virtual()) {
        return "is no wire in virtual time; mirror and none are";
    }
    kind = DESCRIPTOR;
    if ((rest = behind(text, "dgram:")) != NULL) {
        return wire_fd_dgram(rest, arrive);
    }
    if ((rest = behind(text, "tap:")) != NULL) {
        return wire_fd_tap(rest, arrive);
    }
    return "is no wire; mirror, dgram:, tap: and none are";
}

static bool set_mac(struct netdev *d, const char *text)
{
    uint8_t *m = d->mac;
    char rest;

    return text == NULL || sscanf(text, "%2hhx:%2hhx:%2hhx:%2hhx:%2hhx:%2hhx%c", &m[0], &m[1],
                                  &m[2], &m[3], &m[4], &m[5], &rest) == 6;
}

static int start(struct netdev *d)
{
    const char *text = wanted != NULL ? wanted : getenv("STINT_WIRE");

    if (text == NULL) {
        text = clock_host_is_virtual() ? "mirror" : "none";
    }
    device = d;
    kind = NONE;
    ring.head = ring.tail = 0;
    ring.at = 0;
    wire_fd_close();
    const char *problem = connect_to(text);

    if (problem == NULL && !set_mac(d, getenv("STINT_MAC"))) {
        problem = "has no such STINT_MAC at its end";
    }
    if (problem != NULL) {
        kind = NONE;
        fprintf(stderr, "stint: the wire '%s' %s\n", text, problem);
    }
    cable = kind != NONE;
    listening = true;
    look(d);
    return problem != NULL ? -ENODEV : 0;
}

const struct net_driver net_host = {
    .start = start,
    .next = next,
    .read = read_words,
    .done = done,
    .listen = listen_again,
    .send = send,
    .look = look,
};

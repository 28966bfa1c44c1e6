// SPDX-License-Identifier: MIT
//
// Ethernet devices, the class: what the network layer asks of every driver. A driver is a table of
// functions and an interrupt handler; it knows its registers and nothing of the protocols.
//
//     wire -> device FIFO or ring --handler: no more interrupts, kick--> poller: next(), read(), done()
//     wire <- device FIFO or ring <-------------------------------------- send(): pieces of one frame
//
// The handler moves no bytes: it turns the device's receive interrupt off and kicks. The poller takes
// frame after frame, and turns the interrupt on again with listen() when there are none. So a flood
// costs no more interrupts than a trickle, and the device's own buffer is the ring.
//
// Frames are Ethernet frames without preamble and check sequence. In memory two bytes stand in front
// of them (NET_PAD), so that the IP header behind 14 bytes lies on a word boundary; they count in all
// lengths here, and their contents are undefined.
//
// All functions run in poll or tasklet context, never two at a time, and never wait.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kernel/poller.h"

enum {
    NET_PAD = 2,
    NET_FRAME_MAX = NET_PAD + 14 + 1500, // without VLAN tag
    NET_FRAME_MIN = NET_PAD + 60,        // what is shorter is padded by the driver with zeros
    NET_PIECES = 8,                      // at most in one send()
};

struct netdev;

// A piece of a frame that is sent, at any address and of any length. The bytes up to the word boundary
// before and behind it may be read.
struct net_piece {
    const void *data;
    size_t size;
};

struct net_driver {
    // Resets the device, sets its address filter to d->mac, broadcast and all multicast, takes note of
    // the link, and turns its interrupts on. May fill in d->mac if that is all zero and the device
    // knows. Returns 0, or -ENODEV if the device is not there, -ETIMEDOUT if it does not come up.
    int (*start)(struct netdev *d);

    // The length of the frame that came first, NET_PAD included; 0 if there is none. Frames that are
    // broken or too long are dropped and counted here, and never seen. Cheap if there is none.
    size_t (*next)(struct netdev *d);

    // Copies the next n bytes of that frame, beginning with the NET_PAD. `to` is word-aligned, and n is
    // a multiple of 4 but in the last call for a frame, behind which up to 3 bytes more may be written.
    void (*read)(struct netdev *d, void *to, size_t n);

    // Ends with the frame, whether it was read or not.
    void (*done)(struct netdev *d);

    // Turns the receive interrupt on again. Afterwards next() is asked once more, so that a frame that
    // came in between is not slept over.
    void (*listen)(struct netdev *d);

    // Sends one frame, the first two bytes of whose first piece are the NET_PAD. The pieces are the
    // caller's again at the return. Returns 0; -EAGAIN if there is no room now: the device kicks when
    // there is; or -ENETDOWN without link.
    int (*send)(struct netdev *d, const struct net_piece *pieces, size_t count);

    // Looks whether the link is up, and sets d->link. Called once a second or so, and after a kick.
    void (*look)(struct netdev *d);
};

// Counted by the driver.
struct net_stats {
    uint32_t received; // frames handed up
    uint32_t sent;     // frames
    uint32_t overruns; // frames, or times, that the device had no room for
    uint32_t errors;   // frames with a wrong check sequence, too long, or otherwise broken
    uint32_t busy;     // times that send() had no room
};

struct netdev {
    const struct net_driver *driver;
    const char *name;       // "eth0"
    uintptr_t base;         // of the registers
    uint8_t line;           // interrupt line
    uint8_t mac[6];         // 02:... : locally administered, made by the board
    bool link;              // there is a wire
    struct poller *poller;  // kicked by the handler; set by the network layer before start()
    struct net_stats stats; //
    void *state;            // the driver's own, if it has any
};

// `struct netdev board_netdev = NETDEV_INIT("eth0", &net_lan9118, 0x40200000, 13);`
#define NETDEV_INIT(its_name, its_driver, its_base, its_line)                                      \
    {                                                                                              \
        .driver = (its_driver), .name = (its_name), .base = (its_base), .line = (its_line)         \
    }

// What a handler does at its end, once it has turned its source of interrupts off.
static inline void netdev_kick(struct netdev *d)
{
    poller_kick(d->poller);
}

// The board's Ethernet device. A board with one defines it in its net.c, which is linked into programs
// that use the network, and the handler of its interrupt.
extern struct netdev board_netdev;
void board_netdev_interrupt(void);

// SPDX-License-Identifier: MIT
//
// The Ethernet controller with PHY of TI's Stellaris LM3S6xxx to LM3S9xxx (LM3S6965 data sheet,
// chapter "Ethernet Controller"). Frames go in and out by words through one register, with 2 KB of
// FIFO each way: the one for transmission holds a single frame, the other all that come in until the
// poller has its turn. A chip has one, so the driver has one state.
#pragma once

#include "drivers/net/net.h"

extern const struct net_driver net_stellaris;

// The board gives this: turns on the clocks of MAC and PHY and the pins of their LEDs, and sets d->mac.
// Called by start() before it touches the device.
void net_stellaris_prepare(struct netdev *d);

// The board's handler calls it.
void net_stellaris_interrupt(struct netdev *d);

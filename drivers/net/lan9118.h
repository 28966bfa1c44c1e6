// SPDX-License-Identifier: MIT
//
// SMSC LAN9118 and its family (LAN9220 and others), an Ethernet controller with FIFOs on a 32-bit bus
// (data sheet, revision 1.5; chapter 5 has the registers). Arm's MPS2 and MPS3 boards have one.
#pragma once

#include "drivers/net/net.h"

extern const struct net_driver net_lan9118;

// The interrupt handler, for the board's handler to call.
void net_lan9118_interrupt(struct netdev *d);

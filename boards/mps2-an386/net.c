// SPDX-License-Identifier: MIT
//
// The board's Ethernet: a LAN9220.
#include "drivers/net/lan9118.h"

struct netdev board_netdev = {
    .driver = &net_lan9118,
    .name = "eth0",
    .base = 0x40200000,
    .line = 13,
    .mac = { 0x02, 0x53, 0x74, 0x69, 0x6E, 0x86 },
};

void board_netdev_interrupt(void)
{
    net_lan9118_interrupt(&board_netdev);
}

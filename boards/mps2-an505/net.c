// SPDX-License-Identifier: MIT
//
// The board's Ethernet: a LAN9220.
#include "drivers/net/lan9118.h"

struct netdev board_netdev = {
    .driver = &net_lan9118,
    .name = "eth0",
    .base = 0x42000000,
    .line = 48,
    .mac = { 0x02, 0x53, 0x74, 0x69, 0x6E, 0x05 },
};

void board_netdev_interrupt(void)
{
    net_lan9118_interrupt(&board_netdev);
}

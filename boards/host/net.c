// SPDX-License-Identifier: MIT
//
// The process's Ethernet device; STINT_WIRE says what it is connected to.
#include "drivers/net/host.h"

struct netdev board_netdev = {
    .driver = &net_host,
    .name = "eth0",
    .mac = { 0x02, 0x00, 0x00, 0x53, 0x74, 0x69 },
};

// The driver's handlers are called by the clock and for descriptors, not through a table.
void board_netdev_interrupt(void)
{
}

// SPDX-License-Identifier: MIT
//
// The Ethernet device of QEMU's RISC-V virt machine, in whatever slot it is.
#include "drivers/net/virtio.h"

struct netdev board_netdev = NETDEV_INIT("eth0", &net_virtio, 0, 0);

void board_netdev_interrupt(void)
{
    net_virtio_interrupt(&board_netdev);
}

// SPDX-License-Identifier: MIT
//
// The disk of QEMU's RISC-V virt machine, in whatever slot it is.
#include "drivers/block/virtio.h"

struct block_device board_block = BLOCK_DEVICE_INIT(board_block, "disk0", &block_virtio);

void board_block_interrupt(void)
{
    block_virtio_interrupt(&board_block);
}

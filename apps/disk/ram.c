// SPDX-License-Identifier: MIT
//
// A disk in RAM, as slow as a quick card.
#include "apps/disk/device.h"
#include "drivers/block/ram.h"

enum { SECTORS = 64, DEPTH = 4, DELAY = TICK_HZ / 1000 };

static struct block_ram the_disk = BLOCK_RAM_INIT(the_disk, "ram0", SECTORS, 512, DEPTH, DELAY);

struct block_device *const disk_device = &the_disk.device;

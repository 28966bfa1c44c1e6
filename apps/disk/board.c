// SPDX-License-Identifier: MIT
//
// The board's own disk.
#include "apps/disk/device.h"

struct block_device *const disk_device = &board_block;

// SPDX-License-Identifier: MIT
//
// Which disk is served: the board's own (board.c), or for a board without one, one in its RAM (ram.c).
#pragma once

#include "drivers/block/block.h"

extern struct block_device *const disk_device;

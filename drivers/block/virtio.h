// SPDX-License-Identifier: MIT
//
// Virtio block devices ("Virtual I/O Device (VIRTIO) Version 1.2", OASIS, 5.2; sections in brackets). One in
// a program: its ring is static. With base 0 the device is searched in the board's slots
// (drivers/virtio/virtio.h). Sectors have 512 bytes, whatever the device would like better. A device that
// does not know flushes writes through [5.2.6.2]: there a flush is done when it is submitted.
#pragma once

#include "drivers/block/block.h"

extern const struct block_driver block_virtio;

// The handler of its interrupt; of interrupts that are others' it takes no notice.
void block_virtio_interrupt(struct block_device *d);

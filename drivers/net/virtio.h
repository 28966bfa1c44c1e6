// SPDX-License-Identifier: MIT
//
// Virtio network devices ("Virtual I/O Device (VIRTIO) Version 1.1", 5.1). One in a program: its
// rings and buffers are static, about 40 KB. With base 0 the device is searched in the board's slots
// (drivers/virtio/virtio.h). Its filter stays as it is after a reset, which lets everything through;
// frames for others are dropped here.
//
// Of frames that did not fit the device tells nothing: stats.overruns counts how often all buffers
// were found full, once between two listen().
#pragma once

#include "drivers/net/net.h"

extern const struct net_driver net_virtio;

// The handler of its interrupt; of interrupts that are others' it takes no notice.
void net_virtio_interrupt(struct netdev *d);

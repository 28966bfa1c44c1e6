// SPDX-License-Identifier: MIT
//
// A disk in RAM. It is there for boards without a real one, and for tests: it is as slow as one likes, it
// moves the data at the end of that time, as a device with DMA may, and it fails on demand.
//
//     static struct block_ram scratch = BLOCK_RAM_INIT(scratch, "ram0", 64, 512, 4, 0);
//     block_start(&scratch.device);         64 sectors of 512 bytes, 4 requests at once, each done at once
#pragma once

#include "drivers/block/block.h"
#include "kernel/timer.h"

// One request in the making.
struct block_ram_slot {
    struct timer timer;
    struct block_ram *disk;
    struct block_request *request; // NULL: free
    int fault;                     // of the disk when it was submitted
};

struct block_ram {
    struct block_device device;
    uint8_t *data;                // all sectors
    struct block_ram_slot *slots; // device.depth of them
    uint64_t delay;               // ticks that requests take which are submitted from now on
    int fault;                    // not 0: how they end, with nothing moved
};

extern const struct block_driver block_ram;

#define BLOCK_RAM_INIT(self, its_name, its_sectors, its_sector_size, its_depth, its_delay)         \
    {                                                                                              \
        .device = { .driver = &block_ram,                                                          \
                    .name = (its_name),                                                            \
                    .room = WAITQ_INIT((self).device.room, its_name),                              \
                    .sectors = (its_sectors),                                                      \
                    .sector_size = (its_sector_size),                                              \
                    .depth = (its_depth) },                                                        \
        .data = (uint8_t[(its_sectors) * (its_sector_size)]){ 0 },                                 \
        .slots = (struct block_ram_slot[its_depth]){ { .request = NULL } }, .delay = (its_delay)   \
    }

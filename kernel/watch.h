// SPDX-License-Identifier: MIT
//
// A watch over the two ways in which cooperative tasklets hold each other up: one that computes on and does
// not give way, and a circle of them that wait for each other. It costs an interrupt per period, also in an
// idle system, and belongs into development and into devices that report home. Needs CONFIG_ACCOUNT.
//
//     watch_start(100, watch_print);
//
//     hog: spin has held the processor for 100 ms, at 0x00001a2c
//     deadlock: reader waits in mutex_lock on disk, held by writer
//     deadlock: writer waits in mutex_lock on net, held by reader
#pragma once

#include <stdint.h>

#include "kernel/tasklet.h"

enum watch_event {
    WATCH_HOG,      // context: interrupt, over the tasklet; told after one limit, two, four, ...
    WATCH_DEADLOCK, // context: poll; told once for each member of the circle
};

struct watch_report {
    enum watch_event event;
    const struct tasklet *tasklet;
    uint32_t ms;  // of a hog: how long it has held the processor
    uintptr_t at; // of a hog: the address where it was interrupted; 0 where that is not to be had
};

// Starts the watch, or changes it. A slice of `limit_ms` (1 to 60,000) and more is a hog's; for circles it
// looks as often. `report` is called with what is found. Contexts: tasklet, boot.
void watch_start(uint32_t limit_ms, void (*report)(const struct watch_report *r));

// Prints a line on the console by polling, in any context.
void watch_print(const struct watch_report *r);

void watch_stop(void);

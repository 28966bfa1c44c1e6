// SPDX-License-Identifier: MIT
//
// The clock of the host port, in nanoseconds. In virtual time it stands still while the program
// computes (each reading takes a nanosecond, so that loops on the time end), and jumps to the next
// event when the program idles: a run takes as long as its instructions, and is always the same. In
// real time it is CLOCK_MONOTONIC, and idling waits for file descriptors.
#pragma once

#include <stdbool.h>
#include <stdint.h>

// A simulated interrupt: `handler` is called, as if in interrupt context, when the time has come.
struct host_event {
    uint64_t when; // absolute, in ticks
    void (*handler)(void *arg);
    void *arg;
    struct host_event *next; // in the order of time; owned by the clock while armed
};

// Virtual or real time; before anything else reads the clock. Real is the default.
void clock_host_init(bool virtual_time);

bool clock_host_is_virtual(void);

// Arms a simulated interrupt. In virtual time only.
void host_event_arm(struct host_event *e);

// In real time: while idle, also wait for input on this descriptor, and call the handler then.
void host_watch(int fd, void (*handler)(void));
void host_unwatch(int fd);

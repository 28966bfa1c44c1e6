// SPDX-License-Identifier: MIT
//
// The clock on the system counter of Arm's Corstone subsystems (SSE-123 TRM 101370: "System
// counter", "System timer"): one 64-bit counter for the whole chip, and timers that compare with
// it.
#pragma once

#include <stdint.h>

// The board defines this constant: where the counter is switched on, and which timer is the alarm.
struct clock_sse {
    uintptr_t counter; // base address of the counter's control frame
    uintptr_t timer;   // base address of the timer
    uint8_t line;      // interrupt line of the timer
};
extern const struct clock_sse clock_sse;

void clock_sse_init(void);

// The timer's interrupt handler.
void clock_sse_interrupt(void);

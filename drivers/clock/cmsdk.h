// SPDX-License-Identifier: MIT
//
// The clock on two CMSDK timers (DDI0479, 4.3 "APB timer"): one runs freely, the other is the
// alarm.
#pragma once

#include <stdint.h>

// The board defines this constant: where the two timers are.
struct clock_cmsdk {
    uintptr_t counter; // base address of the free-running timer
    uintptr_t alarm;   // base address of the other
    uint8_t line;      // interrupt line of the alarm timer
};
extern const struct clock_cmsdk clock_cmsdk;

void clock_cmsdk_init(void);

// The alarm timer's interrupt handler.
void clock_cmsdk_interrupt(void);

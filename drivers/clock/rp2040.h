// SPDX-License-Identifier: MIT
//
// The clock on the RP2040's timer (data sheet 4.6): 64 bits at 1 MHz, of which the low half is
// used, and its first alarm. The board starts the tick that drives it (data sheet 4.7.2) and takes
// the timer out of reset.
#pragma once

enum { CLOCK_RP2040_LINE = 0 }; // interrupt line of the alarm

void clock_rp2040_init(void);

// The alarm's interrupt handler.
void clock_rp2040_interrupt(void);

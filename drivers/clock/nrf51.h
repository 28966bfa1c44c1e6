// SPDX-License-Identifier: MIT
//
// The clock on TIMER0 of an nRF51 (nRF51 Series Reference Manual v3.0, chapters 13 "CLOCK" and 18
// "TIMER"): 32 bits at 1 MHz, from the crystal oscillator. CC[0] is the alarm, CC[1] takes the
// counter when it is read; the application may have CC[2] and CC[3].
#pragma once

enum { CLOCK_NRF51_LINE = 8 };

// Starts the crystal oscillator and the timer. Returns 0, or -ETIMEDOUT if the crystal does not
// oscillate: then the clock, and the baud rates, are as good as the internal RC oscillator.
int clock_nrf51_init(void);

// The handler of CLOCK_NRF51_LINE.
void clock_nrf51_interrupt(void);

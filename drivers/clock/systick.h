// SPDX-License-Identifier: MIT
//
// The clock on the SysTick timer of a Cortex-M alone (DDI0403 B3.3, DDI0419 B3.3), for chips whose
// own timers are worse or not there. TICK_HZ is the frequency of the core.
//
// SysTick counts 24 bits down and interrupts at 0: left alone it does so each 2^24 ticks, and the
// clock is exact. Only for an alarm that comes before that is the counter restarted:
//
//     |------ 2^24 ------|--- ... --|--- alarm ---|------ 2^24 ------|    now = zero_at - counter
//                        ^ wraps    ^ clock_alarm()                  ^ zero_at
//
// The ticks between the last look at it and its new start are made up for by a constant. So each
// alarm that is set may shift the clock by two ticks or so: 1,000 alarms a second at 24 MHz make it
// drift by 100 ppm at most, one alarm a second by 0.1. Under QEMU (7.2, without -icount) a restart
// takes 10 us, and more on a busy host, of which the counter knows nothing: with 1,000 alarms a
// second the clock is 3 to 12 % slow, with one it is not.
//
// The processor must not sleep so deeply that SysTick stands still.
#pragma once

// Starts it. Its interrupt has the urgency IRQ_NORMAL.
void clock_systick_init(void);

// The exception's handler: arch/arm-m puts it into the vector table.
void systick_handler(void);

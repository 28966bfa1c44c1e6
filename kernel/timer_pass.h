// SPDX-License-Identifier: MIT
//
// What a pass over the due timers is, however they are kept. Private to timer.c and timer_list.c.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "kernel/timer.h"
#include "kernel/wait.h"

enum {
    // Timers fired per pass, so that a crowd does not keep the tasklets waiting.
    TIMER_PASS = 16,
    // How far ahead an alarm is set at most, in ticks: time_now() must see each wrap of the counter, and
    // a driver must be able to tell what is ahead from what has passed, in 32 bits.
    TIMER_ALARM_LIMIT = 1 << 30
};

// A tasklet's timer may stand earlier than anybody waits for: waking does not disarm it. It is fired
// before its time then, and arms itself again if it is wanted later.
static inline bool timer_stale(struct timer *t)
{
    return t->fire == NULL && wait_until(t) > t->when;
}

// Takes t out and calls what it was armed for.
static inline void timer_fire(struct timer *t)
{
    timer_cancel(t);
    if (t->fire == NULL) {
        wait_timeout(t);
    } else {
        t->fire(t);
    }
}

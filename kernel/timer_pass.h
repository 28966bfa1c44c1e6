// SPDX-License-Identifier: MIT
//
// What a pass over the due timers is, however they are kept. Private to timer.c, timer_list.c and
// timer_alarm.c.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "kernel/poller.h"
#include "kernel/timer.h"
#include "kernel/wait.h"

enum {
    // Timers fired per pass, so that a crowd does not keep the tasklets waiting.
    TIMER_PASS = 16,
    // How far ahead an alarm is set at most, in ticks: time_now() must see each wrap of the counter, and
    // a driver must be able to tell what is ahead from what has passed, in 32 bits.
    TIMER_ALARM_LIMIT = 1 << 30
};

// Runs in poll context after each alarm: the form's pass. timers_init() gives it its function.
extern struct poller timers_poller;

// Sets the clock's alarm for `when`, or the limit above if that comes first; returns for when. The hardware
// compares 32 bits: what lies long ago must not look far ahead.
static inline uint64_t timers_set_alarm(uint64_t when)
{
    uint64_t now = time_now(), limit = now + TIMER_ALARM_LIMIT;
    uint64_t at = when < now ? now : when < limit ? when : limit;

    sched.setting_alarm = true;
    sched_barrier();
    clock_alarm((uint32_t)at);
    sched_barrier();
    sched.setting_alarm = false;
    return at;
}

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

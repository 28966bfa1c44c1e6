// SPDX-License-Identifier: MIT
//
// The clock's alarm, as the timers use it however they are kept, and who watches it.
#include "kernel/callgraph.h"
#include "kernel/timer_pass.h"

struct poller timers_poller;
void (*time_watch)(void);

void time_alarm(void)
{
    poller_kick(&timers_poller);
    if (time_watch != NULL) {
        time_watch();
    }
}
CALLS(time_alarm, on_alarm); // watch.c's

bool timers_setting(void)
{
    return sched.setting_alarm;
}

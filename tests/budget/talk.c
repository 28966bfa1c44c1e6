// SPDX-License-Identifier: MIT
//
// A program that calls everything of tasklets, channels, select, timers and services once, and nothing else.
// What it links is what messages cost in flash.
#include "kernel/poller.h"
#include "kernel/select.h"
#include "kernel/service.h"
#include "kernel/tasklet.h"
#include "kernel/timer.h"

static TASKLET_MEMORY(memory, 128);
static CHAN(jobs, int, 2);
static CHAN(results, int, 0);
static SERVICE(disk, int, int);
static struct call call;
static int value;

static void fire(struct timer *t)
{
    (void)t;
    chan_send(&jobs, &value, NOWAIT);
}

static struct timer timer = TIMER_INIT(fire);

static void other(void *unused)
{
    (void)unused;
    service_recv(&disk, &value, &call, FOREVER);
    service_reply(&call, &value);
    service_recv(&disk, &value, &call, after_ms(1));
    service_refuse(&call, -1);
    service_close(&disk);
}

int main(void)
{
    struct tasklet *t = tasklet_spawn("other", other, NULL, memory, sizeof memory);
    struct select_case cases[] = { SELECT_SEND(&results, &value), SELECT_RECV(&jobs, &value) };

    tasklet_set_priority(t, PRIORITY_HIGH);
    timer_arm(&timer, after_ms(1));
    timer_cancel(&timer);
    chan_recv(&jobs, &value, after_ms(1));
    chan_select(cases, 2, after_ms(1));
    chan_close(&jobs);
    service_call(&disk, &value, &value, FOREVER);
    tasklet_yield();
    sleep_ms(1);
    tasklet_cancel(t);
    return tasklet_join(t, FOREVER);
}

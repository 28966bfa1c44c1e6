// SPDX-License-Identifier: MIT
//
// A program that calls everything of the kernel's base once, and nothing else: tasklets with join,
// cancellation and priorities, waiting for one thing or several, timers, pollers. What it links is the
// size of the base.
#include "kernel/poller.h"
#include "kernel/tasklet.h"
#include "kernel/timer.h"

static TASKLET_MEMORY(memory, 128);
static struct waitq queue = WAITQ_INIT(queue, "queue");
static struct set_waiter waiters[1];
static struct wait_set set;

static void fire(struct timer *t)
{
    (void)t;
    waitq_wake_all(&queue);
}

static struct timer timer = TIMER_INIT(fire);

static void poll(struct poller *p)
{
    (void)p;
    waitq_wake_one(&queue);
}

static struct poller poller = POLLER_INIT(poll);

static void other(void *unused)
{
    (void)unused;
    wait_set_begin(&set, waiters, 1);
    waiter_add(&set, 0, &queue, NULL);
    wait_any(&set, "several", after_ms(5));
    wait_on(&queue, "one", FOREVER);
}

int main(void)
{
    struct tasklet *t = tasklet_spawn("other", other, NULL, memory, sizeof memory);

    tasklet_set_priority(t, PRIORITY_HIGH);
    poller_register(&poller);
    timer_arm(&timer, after_ms(1));
    timer_cancel(&timer);
    tasklet_yield();
    sleep_ms(1);
    tasklet_cancel(t);
    return tasklet_join(t, FOREVER);
}

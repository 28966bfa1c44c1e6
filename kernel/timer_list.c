// SPDX-License-Identifier: MIT
//
// Timers in one list, sorted by deadline, for parts with few of them (`make TIMERS=list`): half the code of
// timer.c, and no bucket heads in RAM. Cancelling costs the same however many are armed; arming looks at each
// timer that is due later, so a hundred armed ones may cost a thousand instructions. Equal deadlines stand in
// the order they were armed in.
#include "kernel/timer.h"

#include "kernel/panic.h"
#include "kernel/poller.h"
#include "kernel/stack.h"
#include "kernel/timer_pass.h"

static void poll(struct poller *self);

static struct {
    struct list queue;       // the armed timers, the earliest first
    const struct list *head; // what the alarm is set for, at the latest; &queue: for nobody
} timers = { .queue = LIST_INIT(timers.queue) };

static struct timer *timer_at(struct list *l)
{
    return container_of(l, struct timer, link);
}

// Sets the alarm for the first of the queue.
static void set_alarm(void)
{
    timers.head = timers.queue.next;
    timers_set_alarm(timers.head != &timers.queue ? timer_at(timers.queue.next)->when : UINT64_MAX);
}

void timer_arm(struct timer *t, deadline_t d)
{
    ASSERT(!timer_armed(t), "timer_arm: the timer is armed already");
    ASSERT(!on_shared_stack(t), "timer_arm: the timer lies on a shared stack");
    struct list *before = timers.queue.prev;

    while (before != &timers.queue && timer_at(before)->when > d.ticks) {
        before = before->prev;
    }
    t->when = d.ticks;
    list_insert_before(before->next, &t->link);
    if (before == &timers.queue) {
        set_alarm();
    }
}

bool timer_cancel(struct timer *t)
{
    if (!timer_armed(t)) {
        return false;
    }
    list_remove(&t->link);
    t->link.next = NULL;
    return true;
}

// Fires what is due, and sets the alarm for the earliest timer that somebody waits for.
static void poll(struct poller *self)
{
    uint64_t now = time_now();
    unsigned budget = TIMER_PASS;

    while (timers.queue.next != &timers.queue) {
        struct timer *t = timer_at(timers.queue.next);

        if (t->when > now) {
            if (!timer_stale(t)) {
                break;
            }
        } else if (budget-- == 0) {
            poller_kick(self);
            return;
        }
        timer_fire(t);
    }
    set_alarm();
}

void timers_before_idle(void)
{
    if (timers.queue.next != timers.head ||
        (timers.head != &timers.queue && timer_stale(timer_at(timers.queue.next)))) {
        poller_kick(&timers_poller);
    }
}

bool timers_pending(void)
{
    return !list_empty(&timers.queue);
}

void timers_init(void)
{
    timers_poller.poll = poll;
    poller_register(&timers_poller); // which kicks it, and so sets the first alarm
}

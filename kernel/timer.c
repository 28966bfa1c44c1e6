// SPDX-License-Identifier: MIT
//
// The radix heap of timers, and the alarm: see timer.h for the idea.
#include "kernel/timer.h"

#include "kernel/panic.h"
#include "kernel/poller.h"
#include "kernel/stack.h"
#include "kernel/timer_pass.h"

// Bucket b: highest bit in which `when` and `last` differ; 31 also for all above.
enum { BUCKETS = 32 };

static void poll(struct poller *self);

static struct {
    uint32_t used;      // bit b: bucket b may have timers (cleared when found empty)
    uint64_t last;      // no armed timer is due before this, and it is not after now
    uint64_t alarm;     // the time the alarm is set to
    struct timer *head; // the alarm's timer; NULL if it was cancelled, or there is none
    struct list bucket[BUCKETS];
} timers;

static unsigned bucket_of(uint64_t when)
{
    uint64_t differ = when ^ timers.last;

    if (differ >> 32 != 0) {
        return BUCKETS - 1;
    }
    return 31 - (unsigned)__builtin_clz((uint32_t)differ | 1);
}

static void insert(struct timer *t)
{
    unsigned bucket = bucket_of(t->when);

    list_insert_before(&timers.bucket[bucket], &t->link);
    timers.used |= UINT32_C(1) << bucket;
}

static void set_alarm(uint64_t when)
{
    timers.alarm = timers_set_alarm(when);
}

// The new timer is the earliest. One that lies before `last` is due, and stands at `last`.
static void __attribute__((noinline)) arm_earliest(struct timer *t)
{
    if (t->when < timers.last) {
        t->when = timers.last;
    }
    timers.head = t;
    set_alarm(t->when);
}

void timer_arm(struct timer *t, deadline_t d)
{
    ASSERT(!timer_armed(t), "timer_arm: the timer is armed already");
    ASSERT(!on_shared_stack(t), "timer_arm: the timer lies on a shared stack");
    t->when = d.ticks;
    if (d.ticks < timers.alarm) {
        arm_earliest(t);
    }
    insert(t);
}

bool timer_cancel(struct timer *t)
{
    if (!timer_armed(t)) {
        return false;
    }
    list_remove(&t->link);
    t->link.next = NULL;
    if (timers.head == t) {
        timers.head = NULL;
    }
    return true;
}

// The armed timer with the earliest deadline, the first armed among equals; NULL if none.
static struct timer *earliest(void)
{
    while (timers.used != 0) {
        unsigned lowest = (unsigned)__builtin_ctz(timers.used);
        struct list *bucket = &timers.bucket[lowest];
        struct timer *best = NULL;

        for (struct list *l = bucket->next; l != bucket; l = l->next) {
            struct timer *t = container_of(l, struct timer, link);

            if (best == NULL || t->when < best->when) {
                best = t;
            }
        }
        if (best != NULL) {
            return best;
        }
        timers.used &= timers.used - 1;
    }
    return NULL;
}

// Time has come to `when`, the deadline of the earliest timer: deals its bucket out again. What
// bucket 31 gets back is put behind the one that was its last.
static void advance(uint64_t when)
{
    struct list *bucket = &timers.bucket[bucket_of(when)], *last = bucket->prev, *l;

    timers.last = when;
    if (bucket == timers.bucket) {
        return; // all there differ from `last` in bit 0 at most: nothing to tell apart
    }
    do {
        l = bucket->next;
        list_remove(l);
        insert(container_of(l, struct timer, link));
    } while (l != last);
}

// Fires what is due, and sets the alarm for the earliest timer that somebody waits for.
static void poll(struct poller *self)
{
    uint64_t now = time_now();
    struct timer *t;

    timers.alarm = now; // so that what is armed below for the past is seen to be early
    for (unsigned n = TIMER_PASS; (t = earliest()) != NULL; n--) {
        if (t->when > now) {
            if (!timer_stale(t)) {
                break;
            }
        } else if (n == 0) {
            poller_kick(self);
            return;
        } else {
            advance(t->when);
        }
        timer_fire(t);
    }
    timers.head = t;
    set_alarm(t != NULL ? t->when : UINT64_MAX);
}

void timers_before_idle(void)
{
    struct timer *t = timers.head;

    if (t != NULL ? timer_stale(t) : timers.used != 0) {
        poller_kick(&timers_poller);
    }
}

bool timers_pending(void)
{
    return earliest() != NULL;
}

void timers_init(void)
{
    for (unsigned i = 0; i < BUCKETS; i++) {
        list_init(&timers.bucket[i]);
    }
    timers_poller.poll = poll;
    set_alarm(UINT64_MAX);
    poller_register(&timers_poller);
}

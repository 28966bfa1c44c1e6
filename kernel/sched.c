// SPDX-License-Identifier: MIT
//
// The scheduler's loop, the pollers, and the few operations on the run queue.
#include "kernel/sched.h"

#include "kernel/panic.h"
#include "kernel/poller.h"
#include "kernel/switch.h"
#include "kernel/tasklet.h"

struct sched sched = { .level = SCHED_LEVELS };

static struct poller *pollers; // in the order of their registration

void poller_register(struct poller *p)
{
    struct poller **end = &pollers;

    while (*end != NULL) {
        ASSERT(*end != p, "poller_register: registered twice");
        end = &(*end)->next;
    }
    p->next = NULL;
    *end = p;
    poller_kick(p); // whatever happened before now
}

// The order makes a kick during the pass count: the global flag is cleared first, then each poller's
// own, then the poller looks at its device.
static void run_pollers(void)
{
    sched.attention.kicked = 0;
    sched_barrier();
    for (struct poller *p = pollers; p != NULL; p = p->next) {
        if (p->kicked) {
            p->kicked = 0;
            sched_barrier();
            p->poll(p);
        }
    }
}

static struct tasklet *next_tasklet(void)
{
    for (unsigned level = SCHED_LEVELS; level-- > 0;) {
        if (sched.head[level] != NULL) {
            return sched.head[level];
        }
    }
    return NULL;
}

static void run_tasklet(struct tasklet *t)
{
    sched.current = t;
    sched.level = t->level;
    sched.credit = SCHED_CREDIT;
    sched.attention.higher = 0;
    HOOK_START();
    HOOK_IN(t);
    arch_switch(&sched.sp, &t->sp);
}

void sched_run(void)
{
    for (;;) {
        if (sched.attention.kicked) {
            run_pollers();
        }
        struct tasklet *t = next_tasklet();

        if (t != NULL) {
            run_tasklet(t);
        } else if (!sched.attention.kicked) {
            timers_before_idle();
            if (!arch_idle(&sched.attention.any)) {
                return;
            }
        }
    }
}

// The general case of sched_ready(): t's level is not the running one, or nothing runs.
void sched_ready_elsewhere(struct tasklet *t)
{
    unsigned level = t->level;
    struct tasklet *first = sched.head[level];

    if (first != NULL) {
        list_insert_before(&first->waiter.link, &t->waiter.link);
    } else {
        list_init(&t->waiter.link);
        sched.head[level] = t;
    }
    if (level > sched.level) {
        sched.attention.higher = 1;
    }
}

void tasklet_yield(void)
{
    struct tasklet *self = sched.current;

    ASSERT(self != NULL, "tasklet_yield: not in a tasklet");
    struct tasklet *next = successor(self);

    if (next == NULL) {
        __builtin_unreachable(); // a ring has no end; alone in it, the tasklet switches to itself
    }
    switch_to(self, next);
}

void sched_credit_spent(void)
{
    sched.credit = SCHED_CREDIT;
    if (sched.current != NULL && !arch_in_interrupt()) {
        sched.attention.higher = 1; // through the loop, so that pollers get their turn too
        tasklet_yield();
    }
}

// SPDX-License-Identifier: MIT
//
// The scheduler's loop, the pollers, and the few operations on the run queue.
#include "kernel/sched.h"

#include "kernel/panic.h"
#include "kernel/poller.h"
#include "kernel/switch.h"
#include "kernel/tasklet.h"

struct sched sched;

void poller_register(struct poller *p)
{
    ASSERT(p->index == 0, "poller_register: registered twice");
    unsigned index = sched.poller_count + 1u;

    ASSERT(index < SCHED_POLLERS, "poller_register: too many, see SCHED_POLLERS");
    sched.poller_count = (uint8_t)index;
    sched.pollers[index] = p;
    p->index = (uint8_t)index;
    poller_kick(p); // whatever happened before now
}

static inline bool any_kicked(void)
{
    uint32_t all = 0;

    for (unsigned i = 0; i < SCHED_POLLERS / 4; i++) {
        all |= sched.kicks.words[i];
    }
    return all != 0;
}

static void __attribute__((noinline)) run_kicked(unsigned except)
{
    for (unsigned i = 1; i <= sched.poller_count; i++) {
        if (sched.kicks.bytes[i] && i != except) {
            sched.kicks.bytes[i] = 0;
            sched_barrier();
            sched.pollers[i]->poll(sched.pollers[i]);
        }
    }
    sched.kicks.bytes[0] = 0; // kicks of pollers that are not registered
}

// The usual case is a single poller, which the hint names. `attention` is cleared before any kick is
// looked at, and a poller's own kick before it runs: one that comes in between is seen now or next
// time round, never lost. One that kicks itself has its next turn after the tasklets had theirs.
static inline void run_pollers(void)
{
    struct poller *hint = sched.attention;

    sched.attention = NULL;
    sched_barrier();
    sched.kicks.bytes[hint->index] = 0;
    sched_barrier();
    hint->poll(hint);
    if (any_kicked()) {
        run_kicked(hint->index);
    }
}

static void nothing(struct poller *p)
{
    (void)p;
}

struct poller sched_higher = POLLER_INIT(nothing);

static inline struct tasklet *next_tasklet(void)
{
    for (unsigned level = SCHED_LEVELS; level-- > 0;) {
        if (sched.head[level] != NULL) {
            return sched.head[level];
        }
    }
    return NULL;
}

static inline void run_tasklet(struct tasklet *t)
{
    sched.current = t;
    sched.level = t->level;
    HOOK_START();
    HOOK_IN(t);
    arch_switch(&sched.sp, &t->sp);
}

void sched_run(void)
{
    for (;;) {
        if (sched.attention != NULL) {
            run_pollers();
        }
        struct tasklet *t = next_tasklet();

        if (t != NULL) {
            run_tasklet(t);
        } else if (sched.attention == NULL) {
            timers_before_idle();
            if (!arch_idle((void *volatile const *)&sched.attention)) {
                return;
            }
        }
    }
}

void tasklet_yield(void)
{
    struct tasklet *self = sched.current;

    ASSERT(self != NULL, "tasklet_yield: not in a tasklet");
    struct tasklet *next = tasklet_successor(self);

    if (next == NULL) {
        __builtin_unreachable(); // a ring has no end; alone in it, the tasklet switches to itself
    }
    switch_to(self, next);
}

void sched_credit_spent(void)
{
    sched.credit = SCHED_CREDIT;
    if (sched.current != NULL && !arch_in_interrupt()) {
        sched.attention = &sched_higher; // through the loop, so that pollers get their turn too
        tasklet_yield();
    }
}

// SPDX-License-Identifier: MIT
//
// The scheduler's loop, the pollers, and the few operations on the run queue.
#include "kernel/sched.h"

#include "kernel/panic.h"
#include "kernel/poller.h"
#include "kernel/stack.h"
#include "kernel/switch.h"
#include "kernel/tasklet.h"

struct sched sched;
struct tasklet *sched_ring[SCHED_LEVELS + 1];

_Static_assert(offsetof(struct sched, sp) == CONTEXT_SP_WORD * sizeof(uintptr_t) &&
                   offsetof(struct tasklet, sp) == CONTEXT_SP_WORD * sizeof(uintptr_t) &&
                   offsetof(struct tasklet, waiter.result) ==
                       CONTEXT_VALUE_WORD * sizeof(uintptr_t),
               "kernel/context.h tells assembly where they are");

void poller_register(struct poller *p)
{
    ASSERT(p->index == 0, "poller_register: registered twice");
    ASSERT(!on_shared_stack(p), "poller_register: it lies on a shared stack");
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

    sched_barrier();
    for (unsigned i = 0; i < SCHED_POLLERS / 4; i++) {
        all |= sched.kicks.words[i];
    }
    return all != 0;
}

static void __attribute__((noinline)) run_kicked(unsigned except)
{
    for (unsigned i = 1; i <= sched.poller_count; i++) {
        if (sched.kicks.bytes[i] && (!CONFIG_FAST || i != except)) {
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
static inline void run_pollers(struct poller *hint)
{
    if (!CONFIG_FAST) {
        sched.attention = NULL;
        sched_barrier();
        run_kicked(0);
        return;
    }
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

// The slot of the highest level that has a tasklet, or the one that is always empty.
static inline struct tasklet **next_slot(void)
{
    for (unsigned level = SCHED_LEVELS; level-- > 0;) {
        if (sched_ring[level] != NULL) {
            return &sched_ring[level];
        }
    }
    return &sched_ring[SCHED_LEVELS];
}

static inline void run_tasklet(struct tasklet **slot)
{
    struct tasklet *t = *slot;

    sched.running = slot;
    HOOK_START();
    HOOK_IN(t);
    arch_switch(&sched, t);
}

void sched_run(void)
{
    for (;;) {
        struct poller *hint = sched.attention;

        if (hint != NULL) {
            run_pollers(hint);
        }
        struct tasklet **slot = next_slot();

        if (*slot != NULL) {
            run_tasklet(slot);
        } else if (sched.attention == NULL) {
            timers_before_idle();
            if (!arch_idle((void *volatile const *)&sched.attention)) {
                return;
            }
        }
    }
}

// `next` comes next in the running level; NULL if it is empty now.
intptr_t switch_to_loop(struct tasklet *self, struct tasklet *next)
{
    HOOK_OUT(self);
    *sched.running = next;
    sched.running = &sched_ring[SCHED_LEVELS];
    return arch_switch(self, &sched);
}

void tasklet_yield(void)
{
    struct tasklet *self = sched_current();

    ASSERT(self != NULL, "tasklet_yield: not in a tasklet");
    ASSERT(sched.no_switch == 0, "tasklet_yield: between no_switch_begin() and no_switch_end()");
    switch_to(self, tasklet_successor(self)); // alone in its ring, to itself
}

void sched_credit_spent(void)
{
    sched.credit = SCHED_CREDIT;
    if (sched_current() != NULL && !arch_in_interrupt()) {
        tasklet_yield(); // through the loop if a poller was kicked
    }
}

// SPDX-License-Identifier: MIT
#include "kernel/signal.h"

#include "kernel/panic.h"
#include "kernel/switch.h"

void signal_register(struct signal *s)
{
    poller_register(&s->poller);
}

// The waiter is given the raise here, so that one that comes between this and its run is not lost
// and not taken twice.
void signal_poll(struct poller *p)
{
    struct signal *s = container_of(p, struct signal, poller);

    if (s->raised && !waitq_empty(&s->waiting)) {
        s->raised = 0;
        wait_end_polled(waitq_first(&s->waiting), 0);
    }
}

static int __attribute__((noinline)) wait_after_turn(struct signal *s, deadline_t d)
{
    sched_credit_spent();
    return signal_wait(s, d);
}

int signal_wait(struct signal *s, deadline_t d)
{
    ASSERT(s != NULL, "signal_wait: the signal is NULL");
    bool waits = !s->raised;

    if ((!waits || d.ticks == 0) && sched_spent()) {
        return wait_after_turn(s, d);
    }
    if (!waits) {
        s->raised = 0;
        return 0;
    }
    return wait_on(&s->waiting, "signal_wait", d);
}

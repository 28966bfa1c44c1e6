// SPDX-License-Identifier: MIT
//
// A one-shot: fired at most once, with a value, and waited for by one tasklet. It is the seed of the
// design, the continuation that is gone after resuming, and turns any callback into a straight-line
// call:
//
//     static struct oneshot done = ONESHOT_INIT(done, "transfer");     void on_done(int status)
//                                                                      {
//     start_transfer(on_done);                                             oneshot_fire(&done, status);
//     oneshot_wait(&done, &status, after_ms(100));                     }
//
// From an interrupt handler use a signal (kernel/signal.h).
#pragma once

#include <stdint.h>

#include "kernel/wait.h"

struct oneshot {
    struct waitq waiting;
    intptr_t value;
    uint8_t fired;
};

#define ONESHOT_INIT(self, its_name)                                                               \
    {                                                                                              \
        .waiting = WAITQ_INIT((self).waiting, its_name)                                            \
    }

// Makes it as new. Nobody waits for it.
void oneshot_init(struct oneshot *o, const char *name);

// Fires. Returns 0, or -EALREADY if it was fired before: the first value stays. Contexts: tasklet,
// poll.
int oneshot_fire(struct oneshot *o, intptr_t value);

// Waits until it is fired, or takes the value at once if it was. Returns 0 and *value; -EBUSY if
// another tasklet waits for it; -ETIMEDOUT, -ECANCELED, -EAGAIN (NOWAIT): it may still be fired, and
// waited for again. Context: tasklet.
int oneshot_wait(struct oneshot *o, intptr_t *value, deadline_t d);

// SPDX-License-Identifier: MIT
//
// Signals: from your own interrupt handler to your own tasklet. Raising is two stores; raises between
// two waits count as one.
//
//     static struct signal button = SIGNAL_INIT(button, "button");
//
//     void button_handler(void)                 for (;;) {
//     {                                             signal_wait(&button, FOREVER);
//         acknowledge_the_device();                 ...
//         signal_raise(&button);                }
//     }
//
//     signal_register(&button), once, before the interrupt is enabled.
#pragma once

#include <stdint.h>

#include "kernel/poller.h"
#include "kernel/wait.h"

struct signal {
    struct poller poller;
    struct waitq waiting;
    volatile uint8_t raised; // set by signal_raise(), in any context; cleared by the waiter
};

void signal_poll(struct poller *p);

#define SIGNAL_INIT(self, its_name)                                                                \
    {                                                                                              \
        .poller = POLLER_INIT(signal_poll), .waiting = WAITQ_INIT((self).waiting, its_name)        \
    }

// Makes the signal known. Contexts: tasklet, poll, boot.
void signal_register(struct signal *s);

// Any context.
static inline void signal_raise(struct signal *s)
{
    s->raised = 1;
    poller_kick(&s->poller);
}

// Waits until it is raised; at once if it was since the last wait. Returns 0, or -ETIMEDOUT,
// -ECANCELED, -EAGAIN (NOWAIT). If several wait, each raise wakes one. Context: tasklet.
int signal_wait(struct signal *s, deadline_t d);

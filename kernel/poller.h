// SPDX-License-Identifier: MIT
//
// Pollers: the bottom halves of interrupts. A handler moves bytes between its device and a ring and
// says who wants attention, with poller_kick(); the poller runs soon after in poll context, looks
// at the rings and wakes tasklets. So run queue, wait queues and timers are never touched from an
// interrupt, and the kernel needs no locks.
//
//     interrupt              scheduler (poll context)            tasklet
//     bytes -> ring
//     poller_kick(p)  ---->  p->poll(p): data? wake   ---->      returns from its wait
//
// A poller never blocks, and does a bounded amount of work: with more left it kicks itself, and the
// ready tasklets have a turn in between. When kicks fall together it may be called once too often.
#pragma once

#include <stdint.h>

#include "kernel/sched.h"

struct poller {
    void (*poll)(struct poller *self); // poll context; its kick was cleared before the call
    uint8_t index;                     // of its byte in sched.kicks; 0 until it is registered
};

// `static struct poller p = POLLER_INIT(my_poll);`
#define POLLER_INIT(function)                                                                      \
    {                                                                                              \
        .poll = (function)                                                                         \
    }

// Makes the poller known to the scheduler, once and for ever; more than SCHED_POLLERS are an
// assertion. A poller that was kicked before runs at once. Contexts: tasklet, poll, boot.
void poller_register(struct poller *p);

// Has the poller run before the next tasklet does. Any context: this is the one call of the kernel
// that an interrupt handler may make. Two stores, no read-modify-write, so handlers may nest.
KERNEL_INLINE void poller_kick(struct poller *p);

KERNEL_INLINE void poller_kick(struct poller *p)
{
    sched.kicks.bytes[p->index] = 1;
    sched_barrier();
    sched.attention = p;
}

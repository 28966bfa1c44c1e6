// SPDX-License-Identifier: MIT
#include "kernel/semaphore.h"

#include "kernel/panic.h"

void semaphore_init(struct semaphore *s, const char *name, uint32_t count)
{
    waitq_init(&s->waiting, name);
    s->count = count;
}

int semaphore_take_after_turn(struct semaphore *s, deadline_t d)
{
    sched_credit_spent();
    return semaphore_take(s, d);
}

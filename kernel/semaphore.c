// SPDX-License-Identifier: MIT
#include "kernel/semaphore.h"

#include "kernel/panic.h"

void semaphore_init(struct semaphore *s, const char *name, uint32_t count)
{
    waitq_init(&s->waiting, name);
    s->count = count;
}

static int __attribute__((noinline)) take_after_turn(struct semaphore *s, deadline_t d)
{
    sched_credit_spent();
    return semaphore_take(s, d);
}

int semaphore_take(struct semaphore *s, deadline_t d)
{
    ASSERT(s != NULL, "semaphore_take: the semaphore is NULL");
    if (sched_spent()) {
        return take_after_turn(s, d);
    }
    if (s->count > 0) {
        s->count--;
        return 0;
    }
    return wait_on(&s->waiting, "semaphore_take", d);
}

void semaphore_give(struct semaphore *s)
{
    ASSERT(s != NULL, "semaphore_give: the semaphore is NULL");
    if (!waitq_empty(&s->waiting)) {
        wait_end(waitq_first(&s->waiting), 0);
        return;
    }
    ASSERT(s->count < UINT32_MAX, "semaphore_give: the count overflows");
    s->count++;
}

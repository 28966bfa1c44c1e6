// SPDX-License-Identifier: MIT
//
// The life of a tasklet: spawn, join, exit, cancel, sleep.
#include "kernel/tasklet.h"

#include <errno.h>

#include "kernel/stack.h"
#include "kernel/panic.h"
#include "kernel/switch.h"

struct list tasklet_all = LIST_INIT(tasklet_all);

// Where each tasklet begins: the port's first switch arrives here. Function and argument wait in
// the control block, where the first wait will overwrite them.
static void begin(void)
{
    struct tasklet *self = sched.current;
    void (*fn)(void *) = (void (*)(void *))(uintptr_t)self->queue;

    self->queue = NULL;
    fn(self->waiter.data);
    tasklet_exit(0);
}

static uintptr_t align_up(uintptr_t address, uintptr_t alignment)
{
    return (address + alignment - 1) & ~(alignment - 1);
}

struct tasklet *tasklet_spawn(const char *name, void (*fn)(void *), void *arg, void *mem,
                              size_t size)
{
    ASSERT(fn != NULL && mem != NULL, "tasklet_spawn: NULL function or memory");
    ASSERT(!arch_in_interrupt(), "tasklet_spawn: called from an interrupt");
    uintptr_t base = align_up((uintptr_t)mem, TASKLET_ALIGN);
    uintptr_t end = (uintptr_t)mem + size;

    ASSERT(size < UINTPTR_MAX - base && base + TASKLET_MEMORY_MIN <= end + TASKLET_ALIGN,
           "tasklet_spawn: less memory than TASKLET_MEMORY_MIN");
    struct tasklet *t =
        (struct tasklet *)((end - sizeof(struct tasklet)) & ~(uintptr_t)(ARCH_STACK_ALIGN - 1));

    t->name = name;
    t->level = PRIORITY_NORMAL;
    t->flags = 0;
    t->shield = 0;
    t->base = (void *)base;
    t->joiner = NULL;
    t->timer.link.next = NULL;
    t->timer.fire = wait_timeout;
    t->waiter.tasklet = t;
    t->waiter.data = arg;
    t->queue = (struct waitq *)(uintptr_t)fn;
    t->sp = arch_stack_init((void *)base, t, begin);
    stack_prepare(t);
    HOOK_SPAWN(t);
    list_insert_before(&tasklet_all, &t->all);
    sched_ready(t);
    return t;
}

void tasklet_exit(int value)
{
    struct tasklet *self = sched.current;

    ASSERT(self != NULL, "tasklet_exit: not in a tasklet");
    // A joiner that is not waiting any more has timed out or was cancelled, but has not run since.
    if (self->joiner != NULL && self->joiner->state == TASKLET_WAITING) {
        wait_end(&self->joiner->waiter, 0);
    }
    timer_cancel(&self->timer);
    list_remove(&self->all);
    struct tasklet *next = switch_prepare(self);

    self->waiter.result = value;
    self->state = TASKLET_EXITED;
    switch_to(self, next);
    panic("tasklet_exit: a tasklet that has ended was switched to");
}

int tasklet_join(struct tasklet *t, deadline_t d)
{
    struct tasklet *self = sched.current;

    ASSERT(t != NULL, "tasklet_join: NULL");
    if (t == self) {
        return -EDEADLK;
    }
    if (t->state == TASKLET_JOINED) {
        return -ESRCH;
    }
    if (t->state != TASKLET_EXITED) {
        if (t->joiner != NULL) {
            return -EBUSY;
        }
        t->joiner = self;
        int result = wait_alone("tasklet_join", d);

        t->joiner = NULL;
        if (result != 0) {
            return result;
        }
    }
    t->state = TASKLET_JOINED;
    return (int)t->waiter.result;
}

int tasklet_cancel(struct tasklet *t)
{
    ASSERT(t != NULL, "tasklet_cancel: NULL");
    if (t->state >= TASKLET_EXITED) {
        return -ESRCH;
    }
    t->flags |= CANCEL_EVER | CANCEL_DUE;
    if (t->shield == 0 && t->state == TASKLET_WAITING) {
        t->flags = CANCEL_EVER;
        wait_abort(t, -ECANCELED);
    }
    return 0;
}

bool tasklet_cancelled(void)
{
    ASSERT(sched.current != NULL, "tasklet_cancelled: not in a tasklet");
    return (sched.current->flags & CANCEL_EVER) != 0;
}

void tasklet_shield(void)
{
    struct tasklet *self = sched.current;

    ASSERT(self != NULL && self->shield < UINT8_MAX, "tasklet_shield: no tasklet, or too deep");
    self->shield++;
}

void tasklet_unshield(void)
{
    struct tasklet *self = sched.current;

    ASSERT(self != NULL && self->shield > 0, "tasklet_unshield: without tasklet_shield");
    self->shield--;
}

// A ready tasklet changes its run queue. The running one stays the running one, at the end of its
// new queue; meanwhile no level is the running level, so that it finds its place by head[] as
// others do.
static void move(struct tasklet *t, unsigned level)
{
    bool self = t == sched.current;
    struct tasklet *next = switch_prepare(t);

    if (self || sched.head[t->level] == t) {
        sched.head[t->level] = next;
    }
    if (self) {
        sched.level = SCHED_LEVELS;
    }
    t->level = (uint8_t)level;
    sched_ready(t);
    if (self) {
        sched.level = (uint8_t)level;
        sched.attention = &sched_higher; // somebody else may come first now
    }
}

int tasklet_set_priority(struct tasklet *t, unsigned level)
{
    ASSERT(t != NULL, "tasklet_set_priority: NULL");
    if (level >= SCHED_LEVELS) {
        return -EINVAL;
    }
    if (t->state >= TASKLET_EXITED) {
        return -ESRCH;
    }
    if (t->state == TASKLET_READY && t->level != level) {
        move(t, level);
    }
    t->level = (uint8_t)level;
    return 0;
}

int sleep_until(deadline_t d)
{
    sched_spend();
    int result = wait_alone("sleep", d);

    return result == -ECANCELED ? result : 0;
}

int sleep_ms(uint32_t ms)
{
    return sleep_until(after_ms(ms));
}

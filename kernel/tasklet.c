// SPDX-License-Identifier: MIT
//
// The life of a tasklet: spawn, join, exit, cancel, sleep.
#include "kernel/tasklet.h"

#include <errno.h>

#include "kernel/defer.h"
#include "kernel/group.h"
#include "kernel/panic.h"
#include "kernel/spawn.h"
#include "kernel/stack.h"
#include "kernel/switch.h"

struct list tasklet_all = LIST_INIT(tasklet_all);

struct tasklet *tasklet_spawn(const char *name, void (*fn)(void *), void *arg, void *mem,
                              size_t size)
{
    const uintptr_t align = TASKLET_ALIGN;
    uintptr_t base = ((uintptr_t)mem + align - 1) & ~(align - 1), end = (uintptr_t)mem + size;

    ASSERT(fn != NULL, "tasklet_spawn: NULL function");
    ASSERT(mem != NULL, "tasklet_spawn: NULL memory");
    ASSERT(!arch_in_interrupt(), "tasklet_spawn: called from an interrupt");
    ASSERT(size < UINTPTR_MAX - base && base + TASKLET_MEMORY_MIN <= end + align,
           "tasklet_spawn: less memory than TASKLET_MEMORY_MIN");
    struct tasklet *t =
        (struct tasklet *)((end - sizeof(struct tasklet)) & ~(uintptr_t)(ARCH_STACK_ALIGN - 1));

    tasklet_set_up(t, name, arg, (void *)base);
    t->sp = arch_stack_init((void *)base, t, fn);
    hook_stack_spawn(t);
    tasklet_start(t);
    return t;
}

// Linked if the program has groups, or defers: only then are they called.
void group_member_ended(struct group *g, int value) __attribute__((weak));

// A joiner that is not waiting any more has timed out or was cancelled, but has not run since.
static inline void tell_watcher(const struct tasklet *self, int value)
{
    if ((self->watcher & WATCHED_BY_GROUP) != 0) {
        group_member_ended((struct group *)(self->watcher - WATCHED_BY_GROUP), value);
        return;
    }
    struct tasklet *joiner = (struct tasklet *)self->watcher;

    if (joiner->queue != NULL) {
        wait_end_here(&joiner->waiter, 0);
    }
}

void tasklet_exit(int value)
{
    struct tasklet *self = sched_current();

    ASSERT(self != NULL, "tasklet_exit: not in a tasklet");
    ASSERT(sched.no_switch == 0, "tasklet_exit: between no_switch_begin() and no_switch_end()");
    if (self->deferred != NULL) {
        defer_run_all();
    }
    if (self->watcher != 0) {
        tell_watcher(self, value);
    }
    if (timer_armed(&self->timer)) {
        timer_cancel(&self->timer);
    }
    list_remove(&self->all);
    list_remove(&self->waiter.link);
    self->waiter.result = value;
    self->waiter.ended = TASKLET_EXITED;
    if ((self->waiter.flags & TASKLET_SHARED) == 0) {
        HOOK_END(self);
    }
    switch_away(self, tasklet_successor(self)); // the link of one that was removed still tells
    ASSERT(false, "tasklet_exit: a tasklet that has ended was switched to");
    __builtin_unreachable();
}

const char in_tasklet_join[] = "tasklet_join";

int tasklet_join(struct tasklet *t, deadline_t d)
{
    struct tasklet *self = sched_current();

    ASSERT(t != NULL, "tasklet_join: NULL");
    if (t == self) {
        return -EDEADLK;
    }
    if (t->waiter.ended == TASKLET_JOINED) {
        return -ESRCH;
    }
    if (t->waiter.ended == 0) {
        if (t->watcher != 0) {
            return -EBUSY;
        }
        t->watcher = (uintptr_t)self;
        int result = wait_alone(in_tasklet_join, d);

        t->watcher = 0;
        if (result != 0) {
            return result;
        }
    }
    t->waiter.ended = TASKLET_JOINED;
    return (int)t->waiter.result;
}

int tasklet_cancel(struct tasklet *t)
{
    ASSERT(t != NULL, "tasklet_cancel: NULL");
    if (t->waiter.ended != 0) {
        return -ESRCH;
    }
    t->waiter.flags |= CANCEL_EVER | CANCEL_DUE;
    if (t->waiter.shield == 0 && t->queue != NULL) {
        t->waiter.flags &= (uint8_t)~CANCEL_DUE;
        wait_abort(t, -ECANCELED);
    }
    return 0;
}

bool tasklet_cancelled(void)
{
    ASSERT(sched_current() != NULL, "tasklet_cancelled: not in a tasklet");
    return (sched_current()->waiter.flags & CANCEL_EVER) != 0;
}

void tasklet_shield(void)
{
    struct tasklet *self = sched_current();

    ASSERT(self != NULL && self->waiter.shield < UINT8_MAX,
           "tasklet_shield: no tasklet, or too deep");
    self->waiter.shield++;
}

void tasklet_unshield(void)
{
    struct tasklet *self = sched_current();

    ASSERT(self != NULL && self->waiter.shield > 0, "tasklet_unshield: without tasklet_shield");
    self->waiter.shield--;
}

// A ready tasklet changes its ring, to the end of the new one. The running one goes on meanwhile as the
// one that its new slot names, and somebody else may come first now.
static void move(struct tasklet *t, unsigned level)
{
    struct tasklet **slot = &sched_ring[t->waiter.level], *next = tasklet_successor(t);
    bool self = t == sched_current();

    list_remove(&t->waiter.link);
    if (*slot == t) {
        *slot = next == t ? NULL : next;
    }
    t->waiter.level = (uint8_t)level;
    sched_ready(t);
    if (self) {
        sched.running = &sched_ring[level];
        *sched.running = t;
        sched.attention = &sched_higher;
    }
}

int tasklet_set_priority(struct tasklet *t, unsigned level)
{
    ASSERT(t != NULL, "tasklet_set_priority: NULL");
    if (level >= SCHED_LEVELS) {
        return -EINVAL;
    }
    if (t->waiter.ended != 0) {
        return -ESRCH;
    }
    if (t->queue == NULL && t->waiter.level != level) {
        move(t, level);
    }
    t->waiter.level = (uint8_t)level;
    return 0;
}

int sleep_until(deadline_t d)
{
    sched_spend();
    int result = wait_alone("sleep", d);

    return result == -ETIMEDOUT || result == -EAGAIN ? 0 : result;
}

int sleep_ms(uint32_t ms)
{
    return sleep_until(after_ms(ms));
}

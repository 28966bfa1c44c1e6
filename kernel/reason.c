// SPDX-License-Identifier: MIT
#include "kernel/reason.h"

#include "kernel/group.h"
#include "kernel/mutex.h"
#include "kernel/service.h"

// These calls know whom they wait for. A program that does not link them never waits in them.
extern const char in_mutex_lock[] __attribute__((weak));
extern const char in_service_reply[] __attribute__((weak));

static const struct tasklet *joined_by(const struct tasklet *joiner)
{
    for (struct list *l = tasklet_all.next; l != &tasklet_all; l = l->next) {
        const struct tasklet *t = container_of(l, struct tasklet, all);

        if (t->watcher == (uintptr_t)joiner) {
            return t;
        }
    }
    return NULL;
}

static const struct tasklet *holder_of(const struct tasklet *t)
{
    if (t->in == in_tasklet_join) {
        return joined_by(t);
    }
    if (in_mutex_lock != NULL && t->in == in_mutex_lock) {
        return container_of(t->queue, struct mutex, waiting)->owner;
    }
    if (in_service_reply != NULL && t->in == in_service_reply) {
        return container_of(t->queue, struct call, caller)->server;
    }
    return NULL;
}

struct reason tasklet_reason(const struct tasklet *t)
{
    if (tasklet_state(t) != TASKLET_WAITING) {
        return (struct reason){ 0 };
    }
    return (struct reason){
        .in = t->in,
        .on = t->queue->name,
        .holder = holder_of(t),
        .limited = (t->waiter.flags & WAIT_LIMITED) != 0,
    };
}

static const struct tasklet *blocked_by(const struct tasklet *t)
{
    struct reason r = tasklet_reason(t);

    return r.limited ? NULL : r.holder;
}

// A circle is not longer than there are tasklets; one step at a time and two at a time meet in it (Floyd).
static bool in_circle(const struct tasklet *t)
{
    const struct tasklet *slow = t, *fast = t;

    do {
        fast = blocked_by(fast);
        if (fast == t) {
            return true;
        }
        fast = fast != NULL ? blocked_by(fast) : NULL;
        slow = blocked_by(slow);
        if (fast == NULL || fast == t) {
            return fast != NULL;
        }
    } while (fast != slow);
    return false; // it waits for a circle that it is not part of
}

const struct tasklet *deadlocked(const struct tasklet *after)
{
    struct list *l = after != NULL ? after->all.next : tasklet_all.next;

    for (; l != &tasklet_all; l = l->next) {
        const struct tasklet *t = container_of(l, struct tasklet, all);

        if (in_circle(t)) {
            return t;
        }
    }
    return NULL;
}

void reason_print(const struct tasklet *t, void (*text)(void *to, const char *piece), void *to)
{
    struct reason r = tasklet_reason(t);

    text(to, t->name);
    text(to, r.in != NULL ? " waits in " : " is ready");
    if (r.in != NULL) {
        text(to, r.in);
    }
    if (r.on != NULL) {
        text(to, " on ");
        text(to, r.on);
    }
    if (r.holder != NULL) {
        text(to, t->in == in_tasklet_join ? " for " : ", held by ");
        text(to, r.holder->name);
    }
}

// SPDX-License-Identifier: MIT
#include "kernel/supervisor.h"

#include <errno.h>

#include "kernel/panic.h"

static void start(struct supervisor *s, struct child *c)
{
    c->starts++;
    c->started = time_now();
    c->tasklet = group_spawn(&s->group, c->name, c->fn, c->arg, c->memory, c->size);
}

static uint32_t backoff(const struct supervisor *s, const struct child *c)
{
    uint32_t ms = s->backoff_ms;

    for (unsigned n = 1; n < c->failures && ms < s->backoff_max_ms; n++) {
        ms = ms > UINT32_MAX / 2 ? UINT32_MAX : 2 * ms;
    }
    return ms < s->backoff_max_ms ? ms : s->backoff_max_ms;
}

// One more failure: too many within the time?
static bool too_many(struct supervisor *s)
{
    uint64_t now = time_now();

    if (s->failures == 0 || now - s->window > ticks_from_ms(s->within_ms)) {
        s->window = now;
        s->failures = 0;
    }
    s->failures++;
    return s->most > 0 && s->failures >= s->most;
}

// A child has ended: what becomes of it. False: the supervisor gives up.
static bool look_after(struct supervisor *s, struct child *c)
{
    struct tasklet *t = c->tasklet;
    uint64_t now = time_now();

    c->tasklet = NULL;
    c->last = (int)t->waiter.result;
    c->why = tasklet_failure(t);
    bool failed = c->last < 0;

    c->done = c->restart == RESTART_NEVER || (c->restart == RESTART_ON_ERROR && !failed);
    if (s->report != NULL) {
        s->report(c);
    }
    bool long_run = now - c->started > ticks_from_ms(s->within_ms);

    c->failures = !failed                                 ? 0
                  : long_run || c->failures == UINT16_MAX ? 1
                                                          : (uint16_t)(c->failures + 1);
    c->next = (deadline_t){ now + ticks_from_ms(backoff(s, c)) };
    return !failed || !too_many(s);
}

static bool has_ended(const struct child *c)
{
    return c->tasklet != NULL && tasklet_state(c->tasklet) == TASKLET_EXITED;
}

// Looks after those that have ended, and starts those whose time has come. `next` is the time of the next
// start, FOREVER if none stands out. False: it gives up.
static bool go_round(struct supervisor *s, deadline_t *next)
{
    *next = FOREVER;
    for (unsigned i = 0; i < s->count; i++) {
        struct child *c = &s->children[i];

        if (has_ended(c) && !look_after(s, c)) {
            return false;
        }
        if (c->tasklet != NULL || c->done) {
            continue;
        }
        if (c->next.ticks <= time_now()) {
            start(s, c);
        } else if (c->next.ticks < next->ticks) {
            *next = c->next;
        }
    }
    return true;
}

static bool all_done(const struct supervisor *s)
{
    for (unsigned i = 0; i < s->count; i++) {
        if (!s->children[i].done) {
            return false;
        }
    }
    return true;
}

// Until somebody ends, or the earlier of the two deadlines has passed.
static int wait_for_change(struct supervisor *s, deadline_t next, deadline_t d)
{
    bool sooner = next.ticks < d.ticks;
    int result = wait_on(&s->group.ended, "supervisor_run", sooner ? next : d);

    return result == -ETIMEDOUT && sooner ? 0 : result;
}

// Whoever has ended meanwhile is not started again, but told of.
static void end_all(struct supervisor *s)
{
    tasklet_shield();
    group_end(&s->group, FOREVER);
    tasklet_unshield();
    for (unsigned i = 0; i < s->count; i++) {
        struct child *c = &s->children[i];

        if (has_ended(c)) {
            look_after(s, c);
        }
    }
}

int supervisor_run(struct supervisor *s, deadline_t d)
{
    ASSERT(s != NULL && s->children != NULL && s->count > 0,
           "supervisor_run: NULL, or no children");
    deadline_t next;
    int result = 0;

    for (unsigned i = 0; i < s->count; i++) {
        s->children[i].done = 0;
        s->children[i].next = NOWAIT; // at once
        s->children[i].failures = 0;
    }
    s->failures = 0;
    while (result == 0) {
        if (!go_round(s, &next)) {
            result = -ENOTRECOVERABLE;
        } else if (all_done(s)) {
            return 0;
        } else {
            result = wait_for_change(s, next, d);
        }
    }
    end_all(s);
    return result;
}

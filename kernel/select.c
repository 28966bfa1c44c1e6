// SPDX-License-Identifier: MIT
#include "kernel/select.h"

#include <errno.h>

#include "kernel/chan_try.h"
#include "kernel/panic.h"
#include "kernel/pool.h"

static POOL(selectors, struct selector, SELECT_CALLS);

static int try_case(struct select_case *c)
{
    switch (c->op) {
    case SELECT_OP_SEND:
        return chan_try_send(c->chan, c->elem);
    case SELECT_OP_RECV:
        return chan_try_recv(c->chan, c->elem);
    default:
        return c->ready != NULL && c->ready(c->elem) ? 0 : -EAGAIN;
    }
}

static struct waitq *queue_of(const struct select_case *c)
{
    return c->op == SELECT_OP_WAIT ? c->queue : &c->chan->waiting;
}

static int check(const struct select_case *cases, size_t n)
{
    if (n == 0 || n > SELECT_CASES) {
        return -EINVAL;
    }
    for (size_t i = 1; i < n; i++) {
        for (size_t j = 0; j < i; j++) {
            if (queue_of(&cases[i]) == queue_of(&cases[j])) {
                return -EEXIST;
            }
        }
    }
    return 0;
}

// The index of the first case that could go on at once and did, or -EAGAIN.
static int try_all(struct select_case *cases, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        cases[i].result = try_case(&cases[i]);
        if (cases[i].result != -EAGAIN) {
            return (int)i;
        }
    }
    return -EAGAIN;
}

static int wait_for_one(struct selector *s, struct select_case *cases, size_t n, deadline_t d)
{
    wait_set_begin(&s->set, s->waiters, n);
    for (size_t i = 0; i < n; i++) {
        waiter_add(&s->set, i, queue_of(&cases[i]), cases[i].elem);
    }
    int result = wait_any(&s->set, "chan_select", d);

    if (s->set.fired == s->set.count) {
        return result;
    }
    cases[s->set.fired].result = result;
    return s->set.fired;
}

int chan_select_with(struct selector *s, struct select_case *cases, size_t n, deadline_t d)
{
    ASSERT(s != NULL && (cases != NULL || n == 0), "chan_select: NULL");
    int result = check(cases, n);

    if (result != 0) {
        return result;
    }
    sched_spend();
    result = try_all(cases, n);
    return result != -EAGAIN ? result : wait_for_one(s, cases, n, d);
}

int chan_select(struct select_case *cases, size_t n, deadline_t d)
{
    ASSERT(cases != NULL || n == 0, "chan_select: NULL");
    int result = check(cases, n);

    if (result != 0) {
        return result;
    }
    sched_spend();
    result = try_all(cases, n);
    if (result != -EAGAIN) {
        return result;
    }
    if (d.ticks == 0) {
        return wait_on(&wait_nowhere, "chan_select", d); // -EAGAIN, or -ECANCELED as of other calls
    }
    struct selector *s = pool_alloc(&selectors);

    if (s == NULL) {
        return -ENOMEM;
    }
    result = wait_for_one(s, cases, n, d);
    pool_free(&selectors, s);
    return result;
}

// SPDX-License-Identifier: MIT
#include "tests/lin/spec.h"

#include <errno.h>
#include <string.h>

#define BIT(op) (UINT64_C(1) << (op))

void lin_state_init(struct lin_state *s)
{
    memset(s, 0, sizeof *s);
    for (unsigned c = 0; c < LIN_CHANNELS; c++) {
        memset(s->offers[c].ops, LIN_NONE, LIN_QUEUE);
        memset(s->takers[c].ops, LIN_NONE, LIN_QUEUE);
    }
}

// ---- Queues ----

static void append(struct lin_queue *q, unsigned op)
{
    q->ops[q->count++] = (uint8_t)op;
}

static unsigned remove_at(struct lin_queue *q, unsigned index)
{
    unsigned op = q->ops[index];

    q->count--;
    memmove(q->ops + index, q->ops + index + 1, (size_t)(q->count - index));
    q->ops[q->count] = LIN_NONE;
    return op;
}

static void remove_op(struct lin_queue *q, unsigned op)
{
    for (unsigned i = 0; i < q->count; i++) {
        if (q->ops[i] == op) {
            remove_at(q, i);
            return;
        }
    }
}

// ---- Ends ----

static bool is_done(const struct lin_state *s, unsigned op)
{
    return (s->done & BIT(op)) != 0;
}

static unsigned case_on(const struct lin_action *a, unsigned chan)
{
    return a->cases[0].chan == chan ? 0 : 1;
}

// It stands in no queue any more, but for an offer in `stays`, which the channel has now.
static bool end(struct lin_state *s, const struct lin_history *h, unsigned op, int result,
                unsigned chosen, unsigned stays)
{
    const struct lin_op *o = &h->ops[op];

    s->done |= BIT(op);
    for (unsigned c = 0; c < LIN_CHANNELS; c++) {
        if (c != stays) {
            remove_op(&s->offers[c], op);
        }
        remove_op(&s->takers[c], op);
    }
    return o->returned != LIN_NEVER && o->result == result && o->chosen == chosen;
}

static bool end_alone(struct lin_state *s, const struct lin_history *h, unsigned op, int result)
{
    return end(s, h, op, result, LIN_NONE, LIN_CHANNELS);
}

static bool end_on(struct lin_state *s, const struct lin_history *h, unsigned op, unsigned chan,
                   int result)
{
    return end(s, h, op, result, case_on(&h->ops[op].action, chan), LIN_CHANNELS);
}

static bool offer_is_done(struct lin_state *s, const struct lin_history *h, unsigned op,
                          unsigned chan)
{
    return is_done(s, op) || end(s, h, op, 0, case_on(&h->ops[op].action, chan), chan);
}

// The rule.
static bool settle(struct lin_state *s, const struct lin_history *h, unsigned chan)
{
    struct lin_queue *offers = &s->offers[chan], *takers = &s->takers[chan];

    while (offers->count > 0 && takers->count > 0) {
        unsigned taker = takers->ops[0], offer = offers->ops[0];

        if (!offer_is_done(s, h, offer, chan) || !end_on(s, h, taker, chan, 0) ||
            h->ops[taker].got != offer) {
            return false;
        }
        remove_at(offers, 0);
    }
    for (unsigned i = 0; i < offers->count && i < h->capacity[chan]; i++) {
        if (!offer_is_done(s, h, offers->ops[i], chan)) {
            return false;
        }
    }
    return true;
}

// ---- Beginnings ----

static bool can_go(const struct lin_state *s, const struct lin_history *h, struct lin_case c)
{
    return c.send ? s->takers[c.chan].count > 0 || s->offers[c.chan].count < h->capacity[c.chan]
                  : s->offers[c.chan].count > 0;
}

static void join_queue(struct lin_state *s, unsigned op, struct lin_case c)
{
    append(c.send ? &s->offers[c.chan] : &s->takers[c.chan], op);
}

// A cancellation hits the next operation that has to wait. Whether one with NOWAIT, which has not, is hit
// too is left open.
static bool is_cancelled(const struct lin_state *s, const struct lin_op *o)
{
    return (s->due >> o->who & 1) && (o->action.patience != LIN_NOWAIT || o->result == -ECANCELED);
}

static bool begin_transfer(struct lin_state *s, const struct lin_history *h, unsigned op)
{
    const struct lin_op *o = &h->ops[op];
    const struct lin_action *a = &o->action;

    for (unsigned i = 0; i < lin_cases(a); i++) {
        unsigned chan = a->cases[i].chan;
        bool closed = s->closed >> chan & 1;

        if (!(closed && a->cases[i].send) && can_go(s, h, a->cases[i])) {
            join_queue(s, op, a->cases[i]);
            return settle(s, h, chan);
        }
        if (closed) {
            return end_on(s, h, op, chan, -EPIPE);
        }
    }
    if (is_cancelled(s, o)) {
        s->due &= (uint8_t) ~(1u << o->who);
        return end_alone(s, h, op, -ECANCELED);
    }
    if (a->patience == LIN_NOWAIT) {
        return end_alone(s, h, op, -EAGAIN);
    }
    for (unsigned i = 0; i < lin_cases(a); i++) {
        join_queue(s, op, a->cases[i]);
    }
    return true;
}

static bool begin_close(struct lin_state *s, const struct lin_history *h, unsigned op)
{
    unsigned chan = h->ops[op].action.target;
    struct lin_queue *offers = &s->offers[chan], *takers = &s->takers[chan];

    if (s->closed >> chan & 1) {
        return end_alone(s, h, op, -EALREADY);
    }
    s->closed |= (uint8_t)(1u << chan);
    while (takers->count > 0) {
        if (!end_on(s, h, takers->ops[0], chan, -EPIPE)) {
            return false;
        }
    }
    while (offers->count > h->capacity[chan]) {
        if (!end_on(s, h, offers->ops[h->capacity[chan]], chan, -EPIPE)) {
            return false;
        }
    }
    return end_alone(s, h, op, 0);
}

static bool waits(const struct lin_state *s, unsigned op)
{
    return (s->begun & ~s->done & BIT(op)) != 0;
}

static bool begin_cancel(struct lin_state *s, const struct lin_history *h, unsigned op)
{
    unsigned target = h->ops[op].action.target;

    for (unsigned i = 0; i < h->count; i++) {
        if (i != op && h->ops[i].who == target && waits(s, i)) {
            return end_alone(s, h, i, -ECANCELED) && end_alone(s, h, op, 0);
        }
    }
    s->due |= (uint8_t)(1u << target);
    return end_alone(s, h, op, 0);
}

static bool begin_time(struct lin_state *s, const struct lin_history *h, unsigned op)
{
    for (unsigned i = 0; i < h->count; i++) {
        if (i != op && h->ops[i].action.patience == LIN_FINITE && waits(s, i) &&
            !end_alone(s, h, i, -ETIMEDOUT)) {
            return false;
        }
    }
    return end_alone(s, h, op, 0);
}

bool lin_begin(struct lin_state *s, const struct lin_history *h, unsigned op)
{
    s->begun |= BIT(op);
    switch (h->ops[op].action.kind) {
    case LIN_CLOSE:
        return begin_close(s, h, op);
    case LIN_CANCEL:
        return begin_cancel(s, h, op);
    case LIN_TIME:
        return begin_time(s, h, op);
    default:
        return begin_transfer(s, h, op);
    }
}

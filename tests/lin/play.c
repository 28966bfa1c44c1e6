// SPDX-License-Identifier: MIT
//
// The director of the play has normal priority. Tasklets wait for their cue at low priority and play
// at high priority, so none runs but those who are meant to.
#include "tests/lin/play.h"

#include <errno.h>

#include "kernel/poller.h"
#include "tests/kernel/suite.h"

enum {
    STEP_US = 3
}; // a step takes less: finite deadlines pass when time is made to, not by themselves

static struct actor {
    struct tasklet *tasklet;
    uint8_t op;   // in the history; LIN_NONE: no more
    bool waiting; // for its cue
} actors[LIN_TASKLETS];

static struct chan channels[LIN_CHANNELS];
static int buffers[LIN_CHANNELS][LIN_CAPACITY];
static struct lin_calls calls;
static struct lin_history *history;
static uint16_t now;
static unsigned patience_us;
static deadline_t passes; // when finite deadlines do

// ---- On the stage ----

static deadline_t deadline_of(const struct lin_action *a)
{
    return a->patience == LIN_NOWAIT ? NOWAIT : a->patience == LIN_FINITE ? passes : FOREVER;
}

// A send or receive reports on its only case, unless it ends for a reason of its own.
static int single(struct lin_op *o, int result)
{
    o->chosen = result == 0 || result == -EPIPE ? 0 : LIN_NONE;
    return result;
}

static int choose(struct lin_op *o, int *elements)
{
    struct select_case cases[2];

    for (unsigned i = 0; i < 2; i++) {
        const struct lin_case *c = &o->action.cases[i];

        cases[i] = (struct select_case){ .op = c->send ? SELECT_OP_SEND : SELECT_OP_RECV,
                                         .chan = &channels[c->chan],
                                         .elem = &elements[i] };
    }
    int result = calls.select(cases, 2, deadline_of(&o->action));

    o->chosen = result >= 0 ? (uint8_t)result : LIN_NONE;
    return result >= 0 ? cases[result].result : result;
}

static int carry_out(struct lin_op *o, int *elements)
{
    const struct lin_action *a = &o->action;
    struct chan *c = &channels[a->cases[0].chan];

    switch (a->kind) {
    case LIN_SEND:
        return single(o, calls.send(c, elements, deadline_of(a)));
    case LIN_RECV:
        return single(o, calls.recv(c, elements, deadline_of(a)));
    case LIN_SELECT:
        return choose(o, elements);
    case LIN_CLOSE:
        return calls.close(&channels[a->target]);
    case LIN_CANCEL:
        return tasklet_cancel(actors[a->target].tasklet);
    default:
        return 0;
    }
}

// Each element that is sent is the operation's number. History may be over when it returns.
static void perform(unsigned op)
{
    struct lin_history *h = history;
    struct lin_op *o = &h->ops[op], scratch = *o;
    int elements[2] = { (int)op, (int)op };
    int result = carry_out(&scratch, elements);

    if (history == h) {
        o->result = (int16_t)result;
        o->chosen = scratch.chosen;
        o->got = (uint8_t)elements[o->chosen == 1];
        o->returned = (uint16_t)(now + 1);
    }
}

static void act(void *arg)
{
    struct actor *a = arg;

    while (a->op != LIN_NONE) {
        perform(a->op);
        a->waiting = true;
        tasklet_set_priority(a->tasklet, PRIORITY_LOW);
        tasklet_yield();
    }
}

static uint8_t polled;

static void poll(struct poller *self)
{
    (void)self;
    if (polled != LIN_NONE) {
        perform(polled);
        polled = LIN_NONE;
    }
}

static struct poller poller = POLLER_INIT(poll);

// ---- Directions ----

static bool is_busy(const struct actor *a)
{
    return !a->waiting && tasklet_state(a->tasklet) == TASKLET_WAITING;
}

static unsigned begin(unsigned who, const struct lin_action *action)
{
    unsigned op = history->count++;

    history->ops[op] = (struct lin_op){ .action = *action,
                                        .who = (uint8_t)who,
                                        .invoked = now,
                                        .waited = LIN_NEVER,
                                        .returned = LIN_NEVER,
                                        .chosen = LIN_NONE };
    return op;
}

// All who have their cue run, until each waits or has its result.
static void run(void)
{
    tasklet_yield();
    for (unsigned i = 0; i < LIN_TASKLETS; i++) {
        struct actor *a = &actors[i];

        if (a->tasklet != NULL && is_busy(a)) {
            tasklet_set_priority(a->tasklet, PRIORITY_LOW);
            if (history->ops[a->op].waited == LIN_NEVER) {
                history->ops[a->op].waited = (uint16_t)(now + 1);
            }
        }
    }
    now = (uint16_t)(now + 2);
}

static void cue(struct actor *a)
{
    a->waiting = false;
    tasklet_set_priority(a->tasklet, PRIORITY_HIGH);
}

static bool direct_tasklet(const struct lin_program *p, const struct lin_step *step)
{
    struct actor *a = &actors[step->who];

    if (tasklet_state(a->tasklet) == TASKLET_WAITING || a->tasklet->waiter.level == PRIORITY_HIGH) {
        return false;
    }
    if (a->waiting) {
        a->op = (uint8_t)begin(step->who, &p->action[step->action]);
    } else if (step->action != 0) {
        return false;
    }
    cue(a);
    return true;
}

// Nobody but the pollers runs meanwhile, though they be woken.
static bool pass_time(void)
{
    static const struct lin_action time = { .kind = LIN_TIME };
    bool anybody = false;

    for (unsigned i = 0; i < history->count; i++) {
        anybody |=
            history->ops[i].returned == LIN_NEVER && history->ops[i].action.patience == LIN_FINITE;
    }
    if (!anybody) {
        return false;
    }
    unsigned op = begin(LIN_CLOCK, &time);

    tasklet_set_priority(tasklet_self(), PRIORITY_HIGH);
    while (time_now() <= passes.ticks + ticks_from_us(1)) {
        tasklet_yield();
    }
    tasklet_set_priority(tasklet_self(), PRIORITY_NORMAL);
    passes = after_us(patience_us);
    perform(op);
    return true;
}

static bool direct(const struct lin_program *p, const struct lin_step *step)
{
    if (step->who == LIN_CLOCK) {
        return step->action == 0 && pass_time();
    }
    if (step->who == LIN_POLLER) {
        const struct lin_action *a = &p->action[step->action];

        if (a->patience != LIN_NOWAIT || a->kind > LIN_CLOSE || a->kind == LIN_SELECT) {
            return false;
        }
        polled = (uint8_t)begin(step->who, a);
        poller_kick(&poller);
        return true;
    }
    return step->who < p->tasklets && direct_tasklet(p, step);
}

// ---- Curtain ----

// Every second tasklet selects with waiters of its own.
static int select_either_way(struct select_case *cases, size_t n, deadline_t d)
{
    static struct selector selectors[LIN_TASKLETS];
    unsigned i = 0;

    while (actors[i].tasklet != tasklet_self()) {
        i++;
    }
    return i % 2 == 0 ? chan_select(cases, n, d) : chan_select_with(&selectors[i], cases, n, d);
}

const struct lin_calls lin_right = { "right", chan_send, chan_recv, chan_close, select_either_way };

static void use(const struct lin_calls *with)
{
    calls = lin_right;
    calls.send = with->send != NULL ? with->send : calls.send;
    calls.recv = with->recv != NULL ? with->recv : calls.recv;
    calls.close = with->close != NULL ? with->close : calls.close;
    calls.select = with->select != NULL ? with->select : calls.select;
}

static void enter(const struct lin_program *p)
{
    for (unsigned c = 0; c < LIN_CHANNELS; c++) {
        chan_init(&channels[c], "lin", buffers[c], p->capacity[c], sizeof(int));
        history->capacity[c] = p->capacity[c];
    }
    if (poller.index == 0) {
        poller_register(&poller);
    }
    for (unsigned i = 0; i < p->tasklets; i++) {
        actors[i].waiting = true;
        actors[i].tasklet = worker("actor", act, &actors[i]);
        tasklet_set_priority(actors[i].tasklet, PRIORITY_LOW);
    }
    polled = LIN_NONE;
    patience_us = STEP_US * (p->steps + 2u);
    passes = after_us(patience_us);
    now = 0;
}

// Who was woken takes his result.
static void run_all_ready(const struct lin_program *p)
{
    for (unsigned i = 0; i < p->tasklets; i++) {
        if (!actors[i].waiting && tasklet_state(actors[i].tasklet) == TASKLET_READY) {
            cue(&actors[i]);
        }
    }
    run();
}

static void leave(const struct lin_program *p)
{
    history = NULL;
    for (unsigned i = 0; i < p->tasklets; i++) {
        struct actor *a = &actors[i];

        a->op = LIN_NONE;
        tasklet_cancel(a->tasklet);
        tasklet_set_priority(a->tasklet, PRIORITY_NORMAL);
    }
    for (unsigned i = 0; i < p->tasklets; i++) {
        worker_join(actors[i].tasklet);
        actors[i].tasklet = NULL;
    }
}

unsigned lin_play(const struct lin_program *p, const struct lin_calls *with, bool strict,
                  struct lin_history *h)
{
    unsigned first_idle = p->steps;
    bool cued = false;

    use(with);
    history = h;
    h->count = 0;
    enter(p);
    for (unsigned i = 0; i < p->steps && h->count < LIN_OPS; i++) {
        const struct lin_step *step = &p->step[i];

        if (cued && step->who >= LIN_POLLER) {
            run();
        }
        bool effect = direct(p, step);

        if (!effect && first_idle == p->steps) {
            first_idle = i;
        }
        if (!effect && strict) {
            break;
        }
        cued = step->together && step->who < LIN_POLLER;
        if (!cued) {
            run();
        }
    }
    if (cued) {
        run();
    }
    run_all_ready(p);
    leave(p);
    return first_idle;
}

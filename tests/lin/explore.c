// SPDX-License-Identifier: MIT
#include "tests/lin/explore.h"

#include <string.h>

#include "tests/kernel/suite.h"

static struct lin_history history;

static bool explained(const struct lin_program *p, const struct lin_calls *calls)
{
    lin_play(p, calls, false, &history);
    return lin_explained(&history);
}

static void prepare(const struct lin_world *w, struct lin_program *p)
{
    *p = (struct lin_program){
        .tasklets = w->tasklets, .steps = w->steps, .actions = w->actions, .action = w->action
    };
    memcpy(p->capacity, w->capacity, sizeof p->capacity);
}

// ---- All ----

// The actors in the order in which programs are tried: tasklets, poll context, time.
static bool next_actor(const struct lin_program *p, struct lin_step *s)
{
    s->who = (uint8_t)(s->who + 1 == p->tasklets ? LIN_POLLER : s->who + 1);
    s->action = 0;
    return s->who <= LIN_CLOCK;
}

// If a step of a tasklet had no effect, none of its actions there would have. The same goes for time.
static bool next_step(const struct lin_program *p, struct lin_step *s, bool idle)
{
    if (idle && s->who != LIN_POLLER) {
        return next_actor(p, s);
    }
    return ++s->action < p->actions || next_actor(p, s);
}

// The next program that differs in step `at` or before; the steps behind are the first ones. False after
// the last.
static bool advance(struct lin_program *p, unsigned at, bool idle)
{
    memset(&p->step[at + 1], 0, (size_t)(p->steps - at - 1) * sizeof p->step[0]);
    while (!next_step(p, &p->step[at], idle)) {
        if (at == 0) {
            return false;
        }
        p->step[at--] = (struct lin_step){ 0 };
        idle = false;
    }
    return true;
}

// All tasklets are the same in the beginning (but for whose waiters they select with), so T1 does not begin
// before T0, nor T2 before T1. Returns the first step that does not keep to it.
static unsigned first_out_of_turn(const struct lin_program *p)
{
    unsigned next = 0, i = 0;

    for (; i < p->steps && (p->step[i].who >= LIN_POLLER || p->step[i].who <= next); i++) {
        next += p->step[i].who == next;
    }
    return i;
}

bool lin_explore(const struct lin_world *w, const struct lin_calls *calls, struct lin_program *p,
                 unsigned *histories)
{
    unsigned idle;

    prepare(w, p);
    do {
        idle = first_out_of_turn(p);
        if (idle == p->steps) {
            idle = lin_play(p, calls, true, &history);
        }
        if (idle == p->steps) {
            ++*histories;
            if (!lin_explained(&history)) {
                return false;
            }
        }
    } while (advance(p, idle < p->steps ? idle : p->steps - 1u, idle < p->steps));
    return true;
}

// ---- By chance ----

static struct lin_step any_step(const struct lin_program *p)
{
    struct lin_step s = { .who = (uint8_t)suite_random(p->tasklets),
                          .action = (uint8_t)suite_random(p->actions),
                          .together = suite_random(4) == 0 };
    uint32_t who = suite_random(16);

    if (who == 0) {
        s = (struct lin_step){ .who = LIN_CLOCK };
    } else if (who <= 2) {
        s.who = LIN_POLLER;
    }
    return s;
}

// Half of the tasklets' steps let one that was woken go on, if there is one.
bool lin_try(const struct lin_world *w, const struct lin_calls *calls, struct lin_program *p)
{
    prepare(w, p);
    for (unsigned i = 0; i < p->steps; i++) {
        p->step[i] = any_step(p);
        if (suite_random(2) == 0 && p->step[i].who < LIN_POLLER) {
            p->step[i].action = 0;
        }
    }
    return explained(p, calls);
}

// ---- Made small ----

static void drop_step(struct lin_program *p, unsigned index)
{
    p->steps--;
    memmove(&p->step[index], &p->step[index + 1], (size_t)(p->steps - index) * sizeof p->step[0]);
}

void lin_shrink(struct lin_program *p, const struct lin_calls *calls)
{
    for (unsigned i = 0; i < p->steps;) {
        struct lin_program smaller = *p;

        drop_step(&smaller, i);
        if (explained(&smaller, calls)) {
            i++;
        } else {
            *p = smaller;
            i = 0;
        }
    }
}

void lin_report(struct lin_program *p, const struct lin_calls *calls)
{
    lin_shrink(p, calls);
    lin_play(p, calls, false, &history);
    lin_print(&history);
}

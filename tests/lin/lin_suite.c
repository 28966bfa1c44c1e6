// SPDX-License-Identifier: MIT
//
// Channels are linearizable: whatever tasklets and pollers do to them, in whatever order they are
// scheduled, there is an order of single operations on the channels of spec.h that explains it. All
// short programs under all schedules, and long ones by chance.
#include <errno.h>

#include "boards/board.h"
#include "io/printf.h"
#include "tests/kernel/suite.h"
#include "tests/lin/explore.h"

#define COUNT(array) (uint8_t)(sizeof(array) / sizeof((array)[0]))

#define SEND(chan, patience)                                                                       \
    {                                                                                              \
        LIN_SEND, LIN_##patience, 0,                                                               \
        {                                                                                          \
            {                                                                                      \
                chan, true                                                                         \
            }                                                                                      \
        }                                                                                          \
    }
#define RECV(chan, patience)                                                                       \
    {                                                                                              \
        LIN_RECV, LIN_##patience, 0,                                                               \
        {                                                                                          \
            {                                                                                      \
                chan, false                                                                        \
            }                                                                                      \
        }                                                                                          \
    }
#define EITHER(chan, sends, other, other_sends, patience)                                          \
    {                                                                                              \
        LIN_SELECT, LIN_##patience, 0,                                                             \
        {                                                                                          \
            { chan, sends },                                                                       \
            {                                                                                      \
                other, other_sends                                                                 \
            }                                                                                      \
        }                                                                                          \
    }
#define CLOSE(chan)                                                                                \
    {                                                                                              \
        .kind = LIN_CLOSE, .target = (chan)                                                        \
    }
#define CANCEL(who)                                                                                \
    {                                                                                              \
        .kind = LIN_CANCEL, .target = (who)                                                        \
    }

enum { A, B };

// Everything that can be done to one channel, but that only the first two who begin are cancelled.
static const struct lin_action one[] = {
    SEND(A, FOREVER), RECV(A, FOREVER), SEND(A, NOWAIT), RECV(A, NOWAIT), SEND(A, FINITE),
    RECV(A, FINITE),  CLOSE(A),         CANCEL(0),       CANCEL(1),
};
// Less, and more of it.
static const struct lin_action meeting[] = { SEND(A, FOREVER), RECV(A, FOREVER) };
static const struct lin_action leaving[] = {
    SEND(A, FINITE),
    RECV(A, FINITE),
    CANCEL(0),
};
// Two channels.
static const struct lin_action selecting[] = {
    EITHER(A, true, B, false, FOREVER),
    EITHER(B, true, A, false, FOREVER),
    EITHER(A, false, B, false, FINITE),
    EITHER(B, true, A, true, FOREVER),
    EITHER(B, false, A, true, NOWAIT),
    SEND(A, NOWAIT),
    RECV(A, FOREVER),
    SEND(B, FOREVER),
    CLOSE(B),
    CANCEL(0),
};
// Everything.
static const struct lin_action all[] = {
    RECV(A, FOREVER),
    RECV(B, FOREVER),
    SEND(A, FOREVER),
    SEND(B, FOREVER),
    SEND(A, FINITE),
    RECV(B, FINITE),
    SEND(B, NOWAIT),
    RECV(A, NOWAIT),
    EITHER(A, true, B, false, FOREVER),
    EITHER(A, false, B, true, FOREVER),
    EITHER(B, false, A, false, FINITE),
    EITHER(A, true, B, true, FINITE),
    EITHER(B, true, A, false, NOWAIT),
    CANCEL(0),
    CANCEL(1),
    CANCEL(2),
};
static const struct lin_action and_close[] = {
    RECV(A, FOREVER),
    SEND(B, FOREVER),
    SEND(A, FINITE),
    RECV(B, NOWAIT),
    EITHER(A, false, B, true, FOREVER),
    EITHER(B, false, A, true, FINITE),
    CLOSE(A),
    CLOSE(B),
};

#define WORLD(its_capacity, its_other, its_steps, its_actions)                                     \
    {                                                                                              \
        .name = #its_actions, .capacity = { its_capacity, its_other }, .tasklets = 3,              \
        .steps = (its_steps), .actions = COUNT(its_actions), .action = (its_actions)               \
    }

static const struct lin_world worlds[] = {
    WORLD(0, 0, 4, one),       WORLD(1, 0, 4, one),       WORLD(2, 0, 4, one),
    WORLD(0, 0, 4, selecting), WORLD(0, 1, 4, selecting), WORLD(1, 0, 4, selecting),
    WORLD(2, 1, 4, selecting), WORLD(0, 0, 9, meeting),   WORLD(1, 0, 9, meeting),
    WORLD(2, 0, 9, meeting),   WORLD(0, 0, 6, leaving),   WORLD(1, 0, 6, leaving),
    WORLD(2, 0, 6, leaving),   WORLD(1, 0, 5, one),       WORLD(0, 0, 5, selecting),
};
enum { QUICK = 13 }; // the first of them, which take less than a second

// Programs by chance.
static bool try_seed(unsigned seed, const struct lin_calls *calls, struct lin_program *p)
{
    struct lin_world w = { .tasklets = LIN_TASKLETS, .steps = LIN_STEPS };

    suite_seed(seed);
    w.capacity[A] = (uint8_t)suite_random(LIN_CAPACITY + 1);
    w.capacity[B] = (uint8_t)suite_random(LIN_CAPACITY + 1);
    w.action = seed % 4 == 0 ? and_close : all;
    w.actions = seed % 4 == 0 ? COUNT(and_close) : COUNT(all);
    return lin_try(&w, calls, p);
}

// ---- The check itself ----

// op() appends an operation on channel A.
static struct lin_history history;

static struct lin_op *op(unsigned kind, unsigned patience, unsigned invoked, unsigned waited,
                         unsigned returned, int result)
{
    struct lin_op *o = &history.ops[history.count++];

    *o = (struct lin_op){ .action = { .kind = (uint8_t)kind, .patience = (uint8_t)patience },
                          .who = (uint8_t)(history.count - 1),
                          .invoked = (uint16_t)invoked,
                          .waited = (uint16_t)waited,
                          .returned = (uint16_t)returned,
                          .result = (int16_t)result,
                          .chosen = result == 0 || result == -EPIPE ? 0 : LIN_NONE };
    o->action.cases[0].send = kind == LIN_SEND;
    return o;
}

static void the_check_knows_meetings(void)
{
    history = (struct lin_history){ 0 };
    op(LIN_SEND, LIN_FOREVER, 0, 1, 5, 0);
    struct lin_op *recv = op(LIN_RECV, LIN_NOWAIT, 2, LIN_NEVER, 3, 0);

    CHECK(lin_explained(&history));
    recv->got = 1; // nobody has sent that
    CHECK(!lin_explained(&history));
    recv->got = 0;
    history.ops[0].returned = LIN_NEVER; // it should have returned
    CHECK(!lin_explained(&history));
    recv->result = -EAGAIN; // although somebody waits to send
    recv->chosen = LIN_NONE;
    CHECK(!lin_explained(&history));
    recv->invoked = 0; // he may have come later
    CHECK(lin_explained(&history));
}

static void the_check_knows_who_came_first(void)
{
    history = (struct lin_history){ 0 };
    op(LIN_RECV, LIN_FOREVER, 0, 1, LIN_NEVER, 0);
    struct lin_op *second = op(LIN_RECV, LIN_FOREVER, 2, 3, 9, 0);

    op(LIN_SEND, LIN_NOWAIT, 4, LIN_NEVER, 5, 0);
    second->got = 2;
    CHECK(!lin_explained(&history));
    second->invoked = 0; // at the same time
    second->waited = 1;
    CHECK(lin_explained(&history));
    second->returned = 3; // before the element was sent
    CHECK(!lin_explained(&history));
}

// ---- Channels that are wrong ----

static void each_is_found_among_short_programs(void)
{
    struct lin_program p;

    for (unsigned i = 0; i < lin_wrong_count; i++) {
        unsigned histories = 0, world = 0;

        while (world < QUICK && lin_explore(&worlds[world], &lin_wrong[i], &p, &histories)) {
            world++;
        }
        CHECK(world < QUICK);
        uart_printf(board_uarts[0], "  %s: %s after %u histories\r\n", lin_wrong[i].name,
                    world < QUICK ? "found" : "not found", histories);
    }
}

// What is left of 40 steps is short enough to be read.
static void each_is_found_by_chance_and_shrunk(void)
{
    struct lin_program p;

    for (unsigned i = 0; i < lin_wrong_count; i++) {
        unsigned seed = 1;

        while (seed < 1000 && try_seed(seed, &lin_wrong[i], &p)) {
            seed++;
        }
        CHECK(seed < 1000);
        lin_shrink(&p, &lin_wrong[i]);
        CHECK(p.steps <= 8);
        uart_printf(board_uarts[0], "  %s: seed %u, shrunk to %u steps\r\n", lin_wrong[i].name,
                    seed, p.steps);
    }
}

// ---- Channels as they are ----

static void all_short_programs(void)
{
    struct lin_program p;

    for (unsigned i = 0; i < sizeof worlds / sizeof worlds[0]; i++) {
        const struct lin_world *w = &worlds[i];
        unsigned histories = 0;
        bool right = lin_explore(w, &lin_right, &p, &histories);

        uart_printf(board_uarts[0], "  %s, %u steps, capacity %u, %u: %u histories\r\n", w->name,
                    w->steps, w->capacity[0], w->capacity[1], histories);
        CHECK(right);
        if (!right) {
            lin_report(&p, &lin_right);
        }
    }
}

static void long_programs_by_chance(void)
{
    struct lin_program p;

    for (unsigned seed = 1; seed <= 20000 && suite_failures() == 0; seed++) {
        if (!try_seed(seed, &lin_right, &p)) {
            CHECK_IS(seed, 0);
            uart_printf(board_uarts[0], "  seed %u:\r\n", seed);
            lin_report(&p, &lin_right);
        }
    }
}

int main(void)
{
    static const struct suite_case cases[] = {
        CASE(the_check_knows_meetings),
        CASE(the_check_knows_who_came_first),
        CASE(each_is_found_among_short_programs),
        CASE(each_is_found_by_chance_and_shrunk),
        CASE(all_short_programs),
        CASE(long_programs_by_chance),
    };

    SUITE_RUN("lin", cases);
}

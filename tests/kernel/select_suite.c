// SPDX-License-Identifier: MIT
//
// Waiting for the first of several channel operations and queues.
#include <errno.h>

#include "kernel/select.h"
#include "tests/kernel/suite.h"

static CHAN(red, int, 0);
static CHAN(blue, int, 0);
static CHAN(store, int, 1);
static struct waitq door = WAITQ_INIT(door, "door");

static bool all_empty(void)
{
    return waitq_empty(&red.waiting) && waitq_empty(&blue.waiting) && waitq_empty(&store.waiting) &&
           waitq_empty(&door);
}

static void send_red(void *element)
{
    int n = NUMBER(element);

    step(chan_send(&red, &n, FOREVER));
}

static void send_blue(void *element)
{
    int n = NUMBER(element);

    step(chan_send(&blue, &n, FOREVER));
}

static void receive_red(void *unused)
{
    int n = -1;

    (void)unused;
    CHECK_IS(chan_recv(&red, &n, FOREVER), 0);
    step(n);
}

static void open_door(void *unused)
{
    (void)unused;
    CHECK(waitq_wake_one(&door));
}

// Both senders wait: the first in the array goes, whoever came first.
static void first_case_first(void)
{
    int a = 0, b = 0;
    struct select_case cases[] = { SELECT_RECV(&red, &a), SELECT_RECV(&blue, &b) };

    worker("B", send_blue, ARG(2));
    worker("R", send_red, ARG(1));
    tasklet_yield();
    CHECK_IS(chan_select(cases, 2, FOREVER), 0);
    CHECK_IS(cases[0].result, 0);
    CHECK(a == 1 && b == 0);
    CHECK_IS(chan_select(cases, 2, FOREVER), 1);
    CHECK(a == 1 && b == 2);
    CHECK_IS(chan_select(cases, 2, NOWAIT), -EAGAIN);
    workers_join();
    CHECK_TRACE("R0 B0");
    CHECK(all_empty());
}

static void waits_for_a_sender(void)
{
    int a = 0, b = 0;
    struct select_case cases[] = { SELECT_RECV(&red, &a), SELECT_RECV(&blue, &b) };

    worker("B", send_blue, ARG(2));
    CHECK_IS(chan_select(cases, 2, FOREVER), 1);
    CHECK_IS(cases[1].result, 0);
    CHECK(a == 0 && b == 2);
    CHECK(all_empty());
    workers_join();
    CHECK_TRACE("B0");
}

static void waits_for_a_receiver(void)
{
    int a = 3, b = 4;
    struct select_case cases[] = { SELECT_SEND(&blue, &a), SELECT_SEND(&red, &b) };

    worker("R", receive_red, NULL);
    CHECK_IS(chan_select(cases, 2, FOREVER), 1);
    CHECK(all_empty());
    workers_join();
    CHECK_TRACE("R4");
}

static void send_at_once(void)
{
    int a = 5, b = 0;
    struct select_case cases[] = { SELECT_RECV(&red, &b), SELECT_SEND(&store, &a) };

    CHECK_IS(chan_select(cases, 2, NOWAIT), 1);
    CHECK_IS(chan_count(&store), 1);
    CHECK_IS(chan_select(cases, 2, NOWAIT), -EAGAIN);
    CHECK_IS(chan_recv(&store, &b, NOWAIT), 0);
    CHECK_IS(b, 5);
}

// A selecting sender that waits for room is served like any other.
static void drain_store(void *unused)
{
    int n = -1;

    (void)unused;
    CHECK_IS(chan_recv(&store, &n, FOREVER), 0);
    step(n);
    CHECK_IS(chan_count(&store), 1);
    CHECK_IS(chan_recv(&store, &n, FOREVER), 0);
    step(n);
}

static void waits_for_room(void)
{
    int first = 6, second = 7, other = 0;
    struct select_case cases[] = { SELECT_RECV(&red, &other), SELECT_SEND(&store, &second) };

    chan_send(&store, &first, NOWAIT);
    worker("A", drain_store, NULL);
    CHECK_IS(chan_select(cases, 2, FOREVER), 1);
    CHECK(all_empty());
    workers_join();
    CHECK_TRACE("A6 A7");
}

static void with_a_queue(void)
{
    int a = 0;
    struct select_case cases[] = { SELECT_RECV(&red, &a), SELECT_WAIT(&door) };

    worker("A", open_door, NULL);
    CHECK_IS(chan_select(cases, 2, FOREVER), 1);
    CHECK_IS(cases[1].result, 0);
    worker("R", send_red, ARG(8));
    CHECK_IS(chan_select(cases, 2, FOREVER), 0);
    CHECK_IS(a, 8);
    CHECK(all_empty());
    workers_join();
    CHECK_TRACE("R0");
}

static void ends_without(void)
{
    int a = 9, b = 0;
    struct select_case cases[] = { SELECT_SEND(&red, &a), SELECT_RECV(&blue, &b),
                                   SELECT_WAIT(&door) };
    deadline_t d = after_us(300);

    CHECK_IS(chan_select(cases, 3, d), -ETIMEDOUT);
    CHECK(suite_on_time(d));
    CHECK(all_empty());
    CHECK_IS(chan_select(cases, 3, NOWAIT), -EAGAIN);
    CHECK(all_empty());
    tasklet_cancel(tasklet_self());
    CHECK_IS(chan_select(cases, 3, FOREVER), -ECANCELED);
    CHECK(all_empty());
    CHECK_IS(chan_recv(&red, &b, NOWAIT), -EAGAIN); // nothing was sent
}

static void cancel_main(void *t)
{
    CHECK_IS(tasklet_cancel(t), 0);
    CHECK(all_empty());
}

static void cancelled_while_waiting(void)
{
    int a = 9, b = 0;
    struct select_case cases[] = { SELECT_SEND(&red, &a), SELECT_RECV(&blue, &b) };

    worker("A", cancel_main, tasklet_self());
    CHECK_IS(chan_select(cases, 2, FOREVER), -ECANCELED);
}

// ---- Closed channels ----

static struct chan closing;

static void close_it(void *unused)
{
    (void)unused;
    chan_close(&closing);
}

static void closed_channels(void)
{
    int a = 1, b = 2;
    struct select_case cases[] = { SELECT_RECV(&red, &a), SELECT_RECV(&closing, &b) };

    chan_init(&closing, "closing", NULL, 0, sizeof(int));
    worker("A", close_it, NULL);
    CHECK_IS(chan_select(cases, 2, FOREVER), 1); // closed meanwhile
    CHECK_IS(cases[1].result, -EPIPE);
    CHECK(all_empty());
    cases[1].result = 0;
    CHECK_IS(chan_select(cases, 2, FOREVER), 1); // closed before
    CHECK_IS(cases[1].result, -EPIPE);
    CHECK(a == 1 && b == 2);
    cases[1] = (struct select_case)SELECT_SEND(&closing, &b);
    CHECK_IS(chan_select(cases, 2, NOWAIT), 1);
    CHECK_IS(cases[1].result, -EPIPE);
}

static struct selector own;

// ---- What is refused ----

static void refused(void)
{
    int a = 0;
    struct chan chans[SELECT_CASES + 1];
    struct select_case cases[SELECT_CASES + 1];

    for (int i = 0; i <= SELECT_CASES; i++) {
        chan_init(&chans[i], NULL, NULL, 0, sizeof(int));
        cases[i] = (struct select_case)SELECT_RECV(&chans[i], &a);
    }
    CHECK_IS(chan_select(cases, 0, NOWAIT), -EINVAL);
    CHECK_IS(chan_select(cases, SELECT_CASES + 1, NOWAIT), -EINVAL);
    CHECK_IS(chan_select(cases, SELECT_CASES, NOWAIT), -EAGAIN);
    CHECK_IS(chan_select(cases, SELECT_CASES, after_us(100)), -ETIMEDOUT);
    cases[5] = (struct select_case)SELECT_SEND(&chans[2], &a);
    CHECK_IS(chan_select(cases, 6, NOWAIT), -EEXIST);
    CHECK_IS(chan_select(cases, 5, NOWAIT), -EAGAIN);
    CHECK_IS(chan_select(NULL, 0, NOWAIT), -EINVAL);
    CHECK_IS(chan_select_with(&own, NULL, 0, NOWAIT), -EINVAL);
}

// ---- A queue whose case can tell whether it need be waited for ----

static bool open(void *door_is_open)
{
    return *(bool *)door_is_open;
}

static void looks_before_it_waits(void)
{
    bool is_open = false;
    struct select_case cases[] = {
        { .op = SELECT_OP_WAIT, .queue = &door, .ready = open, .elem = &is_open }
    };

    CHECK_IS(chan_select(cases, 1, NOWAIT), -EAGAIN);
    CHECK_IS(chan_select_with(&own, cases, 1, NOWAIT), -EAGAIN);
    is_open = true;
    CHECK_IS(chan_select(cases, 1, FOREVER), 0);
    CHECK_IS(cases[0].result, 0);
    CHECK_IS(chan_select_with(&own, cases, 1, FOREVER), 0);
    CHECK(all_empty());
}

static void refused_queues(void)
{
    int a = 0;
    struct select_case cases[] = { SELECT_WAIT(&door), SELECT_RECV(&red, &a), SELECT_WAIT(&door) };

    CHECK_IS(chan_select(cases, 3, FOREVER), -EEXIST);
    CHECK(all_empty());
}

// ---- Who always finds one ready gives way all the same ----

static void note_turn(void *unused)
{
    (void)unused;
    step(1);
}

static void ready_cases_give_way(void)
{
    bool is_open = true;
    struct select_case cases[] = {
        { .op = SELECT_OP_WAIT, .queue = &door, .ready = open, .elem = &is_open }
    };

    worker("A", note_turn, NULL);
    suite_credit(0);
    CHECK_IS(chan_select(cases, 1, FOREVER), 0);
    CHECK_TRACE("A1");
    worker("B", note_turn, NULL);
    suite_credit(0);
    CHECK_IS(chan_select_with(&own, cases, 1, FOREVER), 0);
    CHECK_TRACE("B1");
}

// ---- More than there are selectors ----

static struct chan stop;

static void select_stop(void *unused)
{
    int n;
    struct select_case cases[] = { SELECT_RECV(&stop, &n) };

    (void)unused;
    CHECK_IS(chan_select(cases, 1, FOREVER), 0);
    CHECK_IS(cases[0].result, -EPIPE);
}

static void select_stop_with_own(void *unused)
{
    int n;
    struct select_case cases[] = { SELECT_RECV(&stop, &n) };

    (void)unused;
    CHECK_IS(chan_select_with(&own, cases, 1, FOREVER), 0);
    CHECK_IS(cases[0].result, -EPIPE);
}

static void too_many_at_once(void)
{
    int n = 1;
    struct select_case cases[] = { SELECT_RECV(&red, &n), SELECT_SEND(&store, &n) };

    chan_init(&stop, "stop", NULL, 0, sizeof(int));
    for (int i = 0; i < SELECT_CALLS; i++) {
        worker("A", select_stop, NULL);
    }
    worker("B", select_stop_with_own, NULL);
    tasklet_yield();
    CHECK_IS(chan_select(cases, 1, after_ms(1)), -ENOMEM);
    CHECK_IS(chan_select(cases, 1, NOWAIT), -EAGAIN); // what does not wait needs none
    CHECK(all_empty());
    CHECK_IS(chan_select(cases, 2, FOREVER), 1); // what need not wait needs none
    CHECK_IS(chan_select_with(&own, cases, 0, FOREVER), -EINVAL);
    chan_close(&stop);
    workers_join();
    CHECK_IS(chan_select(cases, 1, after_us(100)), -ETIMEDOUT); // they are free again
    CHECK_IS(chan_recv(&store, &n, NOWAIT), 0);
}

// ---- Two that select against each other ----

static int sent[2], taken[2];
enum { ROUNDS = 100 };

static void both_ways(void *me)
{
    int in, out = NUMBER(me);
    struct chan *to = out == 0 ? &red : &blue, *from = out == 0 ? &blue : &red;
    struct select_case cases[] = { SELECT_SEND(to, &out), SELECT_RECV(from, &in) };

    for (int i = 0; i < ROUNDS; i++) {
        in = -1;
        int chosen = chan_select(cases, 2, after_ms(1000));

        CHECK(chosen == 0 || chosen == 1);
        CHECK_IS(cases[chosen & 1].result, 0);
        CHECK_IS(in, chosen == 0 ? -1 : 1 - out);
        sent[out] += chosen == 0;
        taken[out] += chosen == 1;
        if (suite_random(2)) {
            tasklet_yield();
        }
    }
}

static void against_each_other(void)
{
    suite_seed(7);
    worker("A", both_ways, ARG(0));
    worker("B", both_ways, ARG(1));
    workers_join();
    CHECK_IS(sent[0], taken[1]);
    CHECK_IS(sent[1], taken[0]);
    CHECK_IS(sent[0] + taken[0], ROUNDS);
    CHECK_IS(sent[1] + taken[1], ROUNDS);
    CHECK(all_empty());
}

int main(void)
{
    static const struct suite_case cases[] = {
        CASE(first_case_first),     CASE(waits_for_a_sender),
        CASE(waits_for_a_receiver), CASE(send_at_once),
        CASE(waits_for_room),       CASE(with_a_queue),
        CASE(ends_without),         CASE(cancelled_while_waiting),
        CASE(closed_channels),      CASE(refused),
        CASE(refused_queues),       CASE(looks_before_it_waits),
        CASE(ready_cases_give_way), CASE(too_many_at_once),
        CASE(against_each_other),
    };

    SUITE_RUN("select", cases);
}

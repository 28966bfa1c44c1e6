// SPDX-License-Identifier: MIT
//
// Sequences of elements over a channel: all in order, and what was moved is told before what went wrong.
#include <errno.h>
#include <string.h>

#include "kernel/chan.h"
#include "tests/kernel/suite.h"

enum { N = 5 };

static CHAN(meet, int, 0);
static CHAN(three, int, 3);
static const int given[N] = { 1, 2, 3, 4, 5 };
static struct chan *over;
static int sent;
static deadline_t moment;

static void send_all(void *unused)
{
    (void)unused;
    sent = chan_send_sequence(over, given, N, FOREVER);
}

static void send_until_moment(void *unused)
{
    (void)unused;
    sent = chan_send_sequence(over, given, N, moment);
}

static void through(struct chan *c)
{
    int got[N] = { 0 }, n = 0;

    over = c;
    sent = 0;
    worker("A", send_all, NULL);
    while (n < N) {
        int more = chan_recv_sequence(c, got + n, (size_t)(N - n), FOREVER);

        CHECK(more > 0);
        if (more <= 0) {
            break;
        }
        n += more;
    }
    workers_join();
    CHECK_IS(sent, N);
    CHECK(memcmp(got, given, sizeof given) == 0);
}

static void in_order(void)
{
    through(&meet);
    through(&three);
}

static void takes_what_is_there(void)
{
    int got[N];

    CHECK_IS(chan_send_sequence(&three, given, 2, NOWAIT), 2);
    CHECK_IS(chan_recv_sequence(&three, got, N, FOREVER), 2);
    CHECK_IS(chan_recv_sequence(&three, got, N, NOWAIT), -EAGAIN);
    CHECK_IS(chan_send_sequence(&three, given, N, NOWAIT), 3); // that is all that fits
    CHECK_IS(chan_send_sequence(&three, given, N, NOWAIT), -EAGAIN);
    CHECK_IS(chan_recv_sequence(&three, got, 2, NOWAIT), 2);
    CHECK_IS(chan_recv_sequence(&three, got, N, NOWAIT), 1);
}

static void deadline_in_between(void)
{
    int got[2];

    over = &meet;
    moment = suite_soon();
    worker("A", send_until_moment, NULL);
    CHECK_IS(chan_recv_sequence(&meet, got, 1, FOREVER), 1);
    CHECK_IS(chan_recv_sequence(&meet, got, 1, FOREVER), 1);
    workers_join();
    CHECK_IS(sent, 2);
    CHECK_IS(chan_send_sequence(&meet, given, N, suite_soon()), -ETIMEDOUT);
}

static void send_then_sleep(void *unused)
{
    (void)unused;
    sent = chan_send_sequence(&meet, given, N, FOREVER);
    step(sleep_ms(1) == -ECANCELED);
}

static void cancelled_in_between(void)
{
    int got;
    struct tasklet *t = worker("A", send_then_sleep, NULL);

    CHECK_IS(chan_recv_sequence(&meet, &got, 1, FOREVER), 1);
    tasklet_yield(); // it waits with the second
    tasklet_cancel(t);
    workers_join();
    CHECK_IS(sent, 1);
    CHECK_TRACE("A1"); // the request was not lost
}

// With nothing sent the request itself is told, once.
static void cancelled_before_the_first(void)
{
    tasklet_cancel(tasklet_self());
    CHECK_IS(chan_send_sequence(&meet, given, N, FOREVER), -ECANCELED);
    CHECK_IS(sleep_ms(1), 0);
}

// One that has received something is not told of a request to end before it waits again.
static void request_waits(void)
{
    int got[N];

    CHECK_IS(chan_send_sequence(&three, given, 3, NOWAIT), 3);
    tasklet_cancel(tasklet_self());
    CHECK_IS(chan_recv_sequence(&three, got, N, FOREVER), 3);
    CHECK_IS(sleep_ms(1), -ECANCELED);
}

static void closed_in_between(void)
{
    static struct chan c;
    int got[N];

    chan_init(&c, "c", NULL, 0, sizeof(int));
    over = &c;
    worker("A", send_all, NULL);
    CHECK_IS(chan_recv_sequence(&c, got, 1, FOREVER), 1);
    tasklet_yield();
    chan_close(&c);
    workers_join();
    CHECK_IS(sent, 1);
    CHECK_IS(chan_send_sequence(&c, given, N, FOREVER), -EPIPE);
    CHECK_IS(chan_recv_sequence(&c, got, N, FOREVER), -EPIPE);
}

int main(void)
{
    static const struct suite_case cases[] = {
        CASE(in_order),
        CASE(takes_what_is_there),
        CASE(deadline_in_between),
        CASE(cancelled_in_between),
        CASE(cancelled_before_the_first),
        CASE(request_waits),
        CASE(closed_in_between),
    };

    SUITE_RUN("sequence", cases);
}

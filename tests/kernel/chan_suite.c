// SPDX-License-Identifier: MIT
//
// Channels: rendezvous, buffers, close, deadlines. Many against many is in chan_model_suite.c.
#include <errno.h>
#include <string.h>

#include "kernel/chan.h"
#include "tests/kernel/suite.h"

static CHAN(meet, int, 0);
static CHAN(one, int, 1);
static CHAN(three, int, 3);

// A channel, an element, and what came of it.
struct op {
    struct chan *chan;
    int element;
    deadline_t deadline;
    int result;
};

static void send(void *arg)
{
    struct op *op = arg;

    op->result = chan_send(op->chan, &op->element, op->deadline);
    note("sent");
    step(op->element);
}

static void receive(void *arg)
{
    struct op *op = arg;

    op->result = chan_recv(op->chan, &op->element, op->deadline);
    note("got");
    step(op->element);
}

static void receiver_first(void)
{
    struct op op = { &meet, 0, FOREVER, -1 };
    int element = 7;

    worker("A", receive, &op);
    tasklet_yield();
    CHECK_IS(op.result, -1);
    CHECK_IS(chan_send(&meet, &element, FOREVER), 0);
    note("main");
    tasklet_yield();
    CHECK_TRACE("main got A7");
    CHECK_IS(op.result, 0);
}

static void sender_first(void)
{
    struct op op = { &meet, 8, FOREVER, -1 };
    int element = 0;

    worker("A", send, &op);
    tasklet_yield();
    CHECK_IS(op.result, -1);
    CHECK_IS(chan_recv(&meet, &element, FOREVER), 0);
    CHECK_IS(element, 8);
    note("main");
    tasklet_yield();
    CHECK_TRACE("main sent A8");
    CHECK_IS(op.result, 0);
}

static void buffer_of_one(void)
{
    struct op op = { &one, 2, FOREVER, -1 };
    int element = 1;

    CHECK_IS(chan_send(&one, &element, NOWAIT), 0);
    CHECK_IS(chan_count(&one), 1);
    CHECK_IS(chan_send(&one, &element, NOWAIT), -EAGAIN);
    worker("A", send, &op);
    tasklet_yield();
    CHECK_IS(op.result, -1);
    CHECK_IS(chan_recv(&one, &element, FOREVER), 0);
    CHECK_IS(element, 1);
    CHECK_IS(chan_count(&one), 1); // the waiting sender's
    workers_join();
    CHECK_IS(chan_recv(&one, &element, FOREVER), 0);
    CHECK_IS(element, 2);
    CHECK_IS(chan_recv(&one, &element, NOWAIT), -EAGAIN);
    CHECK_TRACE("sent A2");
}

static void ring_wraps(void)
{
    int in = 0, out = 0, element = 0;

    for (int fill = 1; fill <= 3; fill++) {
        for (int round = 0; round < 5; round++) {
            for (int i = 0; i < fill; i++) {
                CHECK_IS(chan_send(&three, &in, NOWAIT), 0);
                in++;
            }
            CHECK_IS(chan_count(&three), fill);
            CHECK_IS(chan_send(&three, &in, NOWAIT), fill == 3 ? -EAGAIN : 0);
            in += fill < 3;
            while (chan_recv(&three, &element, NOWAIT) == 0) {
                CHECK_IS(element, out);
                out++;
            }
            CHECK_IS(out, in);
        }
    }
}

static void senders_in_order(void)
{
    struct op ops[3];
    int element = -1;

    for (int i = 0; i < 3; i++) {
        ops[i] = (struct op){ &meet, i, FOREVER, -1 };
        worker("S", send, &ops[i]);
    }
    tasklet_yield();
    for (int i = 0; i < 3; i++) {
        CHECK_IS(chan_recv(&meet, &element, NOWAIT), 0);
        CHECK_IS(element, i);
    }
    CHECK_IS(chan_recv(&meet, &element, NOWAIT), -EAGAIN);
    workers_join();
    CHECK_TRACE("sent S0 sent S1 sent S2");
}

static void receivers_in_order(void)
{
    static const char *const names[] = { "A", "B", "C" };
    struct op ops[3];

    for (int i = 0; i < 3; i++) {
        ops[i] = (struct op){ &three, -1, FOREVER, -1 };
        worker(names[i], receive, &ops[i]);
    }
    tasklet_yield();
    for (int i = 0; i < 3; i++) {
        CHECK_IS(chan_send(&three, &i, NOWAIT), 0);
        CHECK_IS(chan_count(&three), 0);
    }
    workers_join();
    CHECK_TRACE("got A0 got B1 got C2");
}

// Senders that wait for room stand behind what is buffered.
static void buffer_then_senders(void)
{
    struct op a = { &one, 11, FOREVER, -1 }, b = { &one, 12, FOREVER, -1 };
    int element = 10;

    chan_send(&one, &element, FOREVER);
    worker("A", send, &a);
    worker("B", send, &b);
    tasklet_yield();
    for (int i = 10; i <= 12; i++) {
        CHECK_IS(chan_recv(&one, &element, NOWAIT), 0);
        CHECK_IS(element, i);
    }
    workers_join();
    CHECK_IS(a.result, 0);
    CHECK_IS(b.result, 0);
    CHECK_TRACE("sent A11 sent B12");
}

// ---- Close ----

static void close_wakes_receivers(void)
{
    struct chan c;
    struct op a = { &c, 1, FOREVER, -1 }, b = { &c, 2, after_ms(1000), -1 };

    chan_init(&c, "c", NULL, 0, sizeof(int));
    worker("A", receive, &a);
    worker("B", receive, &b);
    tasklet_yield();
    CHECK_IS(chan_close(&c), 0);
    CHECK_IS(chan_close(&c), -EALREADY);
    workers_join();
    CHECK_IS(a.result, -EPIPE);
    CHECK_IS(b.result, -EPIPE);
    CHECK_TRACE("got A1 got B2"); // untouched
}

static void close_wakes_senders_and_drains(void)
{
    int buffer[2], element = 1;
    struct chan c;
    struct op a = { &c, 3, FOREVER, -1 };

    chan_init(&c, "c", buffer, 2, sizeof(int));
    CHECK_IS(chan_send(&c, &element, NOWAIT), 0);
    element = 2;
    CHECK_IS(chan_send(&c, &element, NOWAIT), 0);
    worker("A", send, &a);
    tasklet_yield();
    CHECK_IS(chan_close(&c), 0);
    workers_join();
    CHECK_IS(a.result, -EPIPE);
    CHECK_IS(chan_send(&c, &element, FOREVER), -EPIPE);
    CHECK_IS(chan_send(&c, &element, NOWAIT), -EPIPE);
    for (int i = 1; i <= 2; i++) {
        CHECK_IS(chan_recv(&c, &element, FOREVER), 0);
        CHECK_IS(element, i);
    }
    CHECK_IS(chan_recv(&c, &element, FOREVER), -EPIPE);
    CHECK_IS(chan_recv(&c, &element, NOWAIT), -EPIPE);
    CHECK_TRACE("sent A3");
}

// ---- Waits that end otherwise ----

static void deadlines(void)
{
    int element = 5;
    deadline_t d = after_us(300);

    CHECK_IS(chan_recv(&meet, &element, d), -ETIMEDOUT);
    CHECK(suite_on_time(d));
    d = after_us(300);
    CHECK_IS(chan_send(&meet, &element, d), -ETIMEDOUT);
    CHECK(suite_on_time(d));
    CHECK_IS(chan_send(&meet, &element, NOWAIT), -EAGAIN);
    CHECK_IS(chan_recv(&meet, &element, NOWAIT), -EAGAIN);
    CHECK_IS(element, 5);
    CHECK(waitq_empty(&meet.waiting));
}

// A sender that timed out or was cancelled has sent nothing.
static void given_up(void)
{
    struct op a = { &meet, 1, after_us(200), -1 }, b = { &meet, 2, FOREVER, -1 },
              c = { &meet, 3, FOREVER, -1 };
    struct tasklet *late, *cancelled;
    int element = 0;

    late = worker("A", send, &a);
    cancelled = worker("B", send, &b);
    worker("C", send, &c);
    tasklet_yield();
    worker_join(late);
    tasklet_cancel(cancelled);
    worker_join(cancelled);
    CHECK_IS(chan_recv(&meet, &element, NOWAIT), 0);
    CHECK_IS(element, 3);
    CHECK_IS(chan_recv(&meet, &element, NOWAIT), -EAGAIN);
    workers_join();
    CHECK_IS(a.result, -ETIMEDOUT);
    CHECK_IS(b.result, -ECANCELED);
    CHECK_IS(c.result, 0);
    CHECK_TRACE("sent A1 sent B2 sent C3");
}

// After receivers that gave up, senders wait in the same queue, and the other way round.
static void sides_change(void)
{
    struct op op = { &meet, 4, FOREVER, -1 };
    int element = 0;

    CHECK_IS(chan_recv(&meet, &element, after_us(100)), -ETIMEDOUT);
    worker("A", send, &op);
    tasklet_yield();
    CHECK_IS(chan_send(&meet, &element, after_us(100)), -ETIMEDOUT); // behind A, nobody receives
    CHECK_IS(chan_recv(&meet, &element, NOWAIT), 0);
    CHECK_IS(element, 4);
    CHECK_IS(chan_send(&meet, &element, NOWAIT), -EAGAIN);
    workers_join();
    CHECK_TRACE("sent A4");
}

// ---- Sizes ----

// At an odd address, so that nothing is taken for aligned; the bytes around stay.
static void size_through(struct chan *c, size_t size)
{
    static uint8_t from[66], to[66];

    for (size_t i = 0; i < sizeof from; i++) {
        from[i] = (uint8_t)(i * 7 + size);
    }
    memset(to, 0xEE, sizeof to);
    CHECK_IS(chan_send(c, from + 1, NOWAIT), 0);
    CHECK_IS(chan_recv(c, to + 1, NOWAIT), 0);
    CHECK_IS(memcmp(to + 1, from + 1, size), 0);
    CHECK_IS(to[0], 0xEE);
    CHECK_IS(to[1 + size], 0xEE);
}

// Takes one and sends it back.
static void echo(void *c)
{
    static _Alignas(8) uint8_t element[64];

    CHECK_IS(chan_recv(c, element, FOREVER), 0);
    CHECK_IS(chan_send(c, element, FOREVER), 0);
}

// At any address: what is copied word by word and what is not comes out the same.
static void size_there_and_back(size_t size, size_t offset)
{
    static _Alignas(8) uint8_t there[72], back[72];
    struct chan c;
    struct tasklet *t;

    for (size_t i = 0; i < sizeof there; i++) {
        there[i] = (uint8_t)(i * 11 + size);
    }
    memset(back, 0xEE, sizeof back);
    chan_init(&c, "rendezvous", NULL, 0, size);
    t = worker("A", echo, &c);
    CHECK_IS(chan_send(&c, there + offset, FOREVER), 0);
    CHECK_IS(chan_recv(&c, back + offset, FOREVER), 0);
    CHECK_IS(memcmp(there + offset, back + offset, size), 0);
    CHECK(offset == 0 || back[offset - 1] == 0xEE);
    CHECK_IS(back[offset + size], 0xEE);
    worker_join(t);
}

static void element_sizes(void)
{
    static const size_t sizes[] = { 1, 2, 3, 4, 5, 8, 64 };
    static uint8_t buffer[3 * 64 + 1];

    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        struct chan c;

        chan_init(&c, "buffered", buffer, 3, sizes[i]);
        buffer[3 * sizes[i]] = 0xAA;
        for (int round = 0; round < 4; round++) {
            size_through(&c, sizes[i]);
        }
        CHECK_IS(buffer[3 * sizes[i]], 0xAA);
        for (size_t offset = 0; offset < 5; offset++) {
            size_there_and_back(sizes[i], offset);
        }
    }
}

static void types_are_looked_at(void)
{
    int element = 5;

    CHECK_IS(CHAN_SEND(&one, &element, NOWAIT), 0);
    element = 0;
    CHECK_IS(CHAN_RECV(&one, &element, NOWAIT), 0);
    CHECK_IS(element, 5);
}

// ---- In poll context ----

static int sent_by_timer, received_by_timer, received_value;

static void at_timer(struct timer *unused)
{
    int element = 21;

    (void)unused;
    sent_by_timer = chan_send(&meet, &element, NOWAIT);
    received_by_timer = chan_recv(&one, &received_value, NOWAIT);
}

static void from_poll_context(void)
{
    static struct timer timer = TIMER_INIT(at_timer);
    struct op a = { &meet, 0, FOREVER, -1 }, b = { &one, 32, FOREVER, -1 };
    int element = 31;

    timer_arm(&timer, NOWAIT);
    sleep_ms(1);
    CHECK_IS(sent_by_timer, -EAGAIN);
    CHECK_IS(received_by_timer, -EAGAIN);
    chan_send(&one, &element, NOWAIT);
    worker("A", receive, &a);
    worker("B", send, &b);
    tasklet_yield();
    timer_arm(&timer, NOWAIT);
    workers_join();
    CHECK_IS(sent_by_timer, 0);
    CHECK_IS(received_by_timer, 0);
    CHECK_IS(received_value, 31);
    CHECK_IS(chan_recv(&one, &element, NOWAIT), 0);
    CHECK_TRACE("got A21 sent B32");
}

int main(void)
{
    static const struct suite_case cases[] = {
        CASE(receiver_first),
        CASE(sender_first),
        CASE(buffer_of_one),
        CASE(ring_wraps),
        CASE(senders_in_order),
        CASE(receivers_in_order),
        CASE(buffer_then_senders),
        CASE(close_wakes_receivers),
        CASE(close_wakes_senders_and_drains),
        CASE(deadlines),
        CASE(given_up),
        CASE(sides_change),
        CASE(element_sizes),
        CASE(types_are_looked_at),
        CASE(from_poll_context),
    };

    SUITE_RUN("chan", cases);
}

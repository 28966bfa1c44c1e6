// SPDX-License-Identifier: MIT
//
// Channels that are wrong, each in one way: the right calls with something done before or after. A
// check that calls these right is worth nothing.
#include <errno.h>
#include <string.h>

#include "tests/lin/play.h"

static bool senders_wait(const struct chan *c)
{
    return !waitq_empty(&c->waiting) && c->senders;
}

// ---- Who came last is served first ----

static void last_to_front(struct chan *c)
{
    struct list *last = c->waiting.waiters.prev;

    if (!waitq_empty(&c->waiting)) {
        list_remove(last);
        list_insert_before(c->waiting.waiters.next, last);
    }
}

static int send_to_last(struct chan *c, const void *elem, deadline_t d)
{
    last_to_front(c);
    return chan_send(c, elem, d);
}

static int recv_from_last(struct chan *c, void *elem, deadline_t d)
{
    last_to_front(c);
    return chan_recv(c, elem, d);
}

// ---- Elements are lost, come twice, or in disorder ----

static int send_to_a_full_buffer(struct chan *c, const void *elem, deadline_t d)
{
    if (c->capacity > 0 && c->count == c->capacity && !c->closed) {
        c->count--; // the newest makes room
    }
    return chan_send(c, elem, d);
}

static int recv_and_leave(struct chan *c, void *elem, deadline_t d)
{
    uint16_t head = c->head, count = c->count;
    bool alone = !senders_wait(c);
    int result = chan_recv(c, elem, d);

    if (alone && result == 0 && count == 2) {
        c->head = head;
        c->count = count;
    }
    return result;
}

static int recv_the_newest(struct chan *c, void *elem, deadline_t d)
{
    int *first = (int *)(void *)c->buffer;

    if (c->capacity == 2 && c->count == 2) {
        int swap = first[0];

        first[0] = first[1];
        first[1] = swap;
    }
    return chan_recv(c, elem, d);
}

static int send_after_all(struct chan *c, const void *elem, deadline_t d)
{
    int result = chan_send(c, elem, d);

    if (result == -ETIMEDOUT) {
        chan_send(c, elem, NOWAIT);
    }
    return result;
}

// ---- Somebody is not woken, or waits for nothing ----

// The receive does not see the senders that wait.
static int recv_without_a_word(struct chan *c, void *elem, deadline_t d)
{
    struct chan seen = *c;

    if (!senders_wait(c) || c->count == 0) {
        return chan_recv(c, elem, d);
    }
    waitq_init(&seen.waiting, "hidden");
    int result = chan_recv(&seen, elem, NOWAIT);

    c->count = seen.count;
    c->head = seen.head;
    return result;
}

static int close_in_silence(struct chan *c)
{
    int result = c->closed ? -EALREADY : 0;

    c->closed = 1;
    return result;
}

static int close_and_forget(struct chan *c)
{
    c->count = 0;
    return chan_close(c);
}

static int close_again(struct chan *c)
{
    chan_close(c);
    return 0;
}

static int close_for_one(struct chan *c)
{
    if (c->closed || waitq_empty(&c->waiting)) {
        return chan_close(c);
    }
    c->closed = 1;
    wait_end(waitq_first(&c->waiting), -EPIPE);
    return 0;
}

static int send_when_closed(struct chan *c, const void *elem, deadline_t d)
{
    return c->closed ? 0 : chan_send(c, elem, d);
}

static int send_never_at_once(struct chan *c, const void *elem, deadline_t d)
{
    return d.ticks == 0 && c->count > 0 ? -EAGAIN : chan_send(c, elem, d);
}

// ---- Select ----

static int select_last_first(struct select_case *cases, size_t n, deadline_t d)
{
    struct select_case turned[2] = { cases[1], cases[0] };
    int result = chan_select(turned, n, d);

    cases[0] = turned[1];
    cases[1] = turned[0];
    return result >= 0 ? 1 - result : result;
}

// What it receives in its first case it leaves to others.
static int select_twice(struct select_case *cases, size_t n, deadline_t d)
{
    int result = chan_select(cases, n, d);

    if (result == 0 && cases[1].op == SELECT_OP_SEND) {
        chan_send(cases[1].chan, cases[1].elem, NOWAIT);
    }
    return result;
}

const struct lin_calls lin_wrong[] = {
    { .name = "senders serve the last", .send = send_to_last },
    { .name = "receivers serve the last", .recv = recv_from_last },
    { .name = "a full buffer is overwritten", .send = send_to_a_full_buffer },
    { .name = "an element comes twice", .recv = recv_and_leave },
    { .name = "the buffer is a stack", .recv = recv_the_newest },
    { .name = "what timed out is sent all the same", .send = send_after_all },
    { .name = "a sender is not told of room", .recv = recv_without_a_word },
    { .name = "a close wakes nobody", .close = close_in_silence },
    { .name = "a close wakes only one", .close = close_for_one },
    { .name = "a close empties the buffer", .close = close_and_forget },
    { .name = "a second close succeeds", .close = close_again },
    { .name = "a send succeeds after the close", .send = send_when_closed },
    { .name = "NOWAIT wants an empty buffer", .send = send_never_at_once },
    { .name = "select prefers the last case", .select = select_last_first },
    { .name = "select does both cases", .select = select_twice },
};
const unsigned lin_wrong_count = sizeof lin_wrong / sizeof lin_wrong[0];

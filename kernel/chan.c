// SPDX-License-Identifier: MIT
#include "kernel/chan.h"

#include <errno.h>

#include "kernel/chan_try.h"
#include "kernel/copy.h"
#include "kernel/panic.h"
#include "kernel/tasklet.h"

static uint8_t *slot(const struct chan *c, unsigned index)
{
    if (index >= c->capacity) {
        index -= c->capacity;
    }
    return c->buffer + (size_t)index * c->size;
}

static void __attribute__((noinline)) put(struct chan *c, const void *elem)
{
    rendezvous_copy(slot(c, (unsigned)c->head + c->count), elem, c->size);
    c->count++;
}

static void put_of(struct waiter *sender, struct chan *c)
{
    rendezvous_copy_from(sender, slot(c, (unsigned)c->head + c->count), sender->data, c->size);
    c->count++;
}

static void get(struct chan *c, void *elem)
{
    rendezvous_copy(elem, slot(c, c->head), c->size);
    c->head = (uint16_t)(c->head + 1u == c->capacity ? 0 : c->head + 1u);
    c->count--;
}

int chan_try_send(struct chan *c, const void *elem)
{
    if (c->closed) {
        return -EPIPE;
    }
    if (!waitq_empty(&c->waiting) && !c->senders) {
        struct waiter *receiver = waitq_first(&c->waiting);

        rendezvous_copy_to(receiver, receiver->data, elem, c->size);
        wait_end_ok(receiver);
        return 0;
    }
    if (c->count < c->capacity) {
        put(c, elem);
        return 0;
    }
    c->senders = 1; // should it wait now
    return -EAGAIN;
}

int chan_try_recv(struct chan *c, void *elem)
{
    bool sender_waits = !waitq_empty(&c->waiting) && c->senders;

    if (c->count > 0) {
        get(c, elem);
        if (sender_waits) {
            struct waiter *sender = waitq_first(&c->waiting);

            put_of(sender, c);
            wait_end_ok(sender);
        }
        return 0;
    }
    if (sender_waits) {
        struct waiter *sender = waitq_first(&c->waiting);

        rendezvous_copy_from(sender, elem, sender->data, c->size);
        wait_end_ok(sender);
        return 0;
    }
    if (c->closed) {
        return -EPIPE;
    }
    c->senders = 0; // should it wait now
    return -EAGAIN;
}

static int __attribute__((noinline)) send_after_turn(struct chan *c, const void *elem, deadline_t d)
{
    sched_credit_spent();
    return chan_send(c, elem, d);
}

int chan_send(struct chan *c, const void *elem, deadline_t d)
{
    ASSERT(c != NULL && elem != NULL, "chan_send: NULL channel or element");
    if (sched_spent()) {
        return send_after_turn(c, elem, d);
    }
    int result = chan_try_send(c, elem);

    if (result != -EAGAIN) {
        return result;
    }
    if (sched_current() == NULL) {
        ASSERT(d.ticks == 0, "chan_send: in poll context only with NOWAIT");
        return -EAGAIN;
    }
    sched_current()->waiter.data = (void *)(uintptr_t)elem;
    return wait_on(&c->waiting, "chan_send", d);
}

static int __attribute__((noinline)) recv_after_turn(struct chan *c, void *elem, deadline_t d)
{
    sched_credit_spent();
    return chan_recv(c, elem, d);
}

int chan_recv(struct chan *c, void *elem, deadline_t d)
{
    ASSERT(c != NULL && elem != NULL, "chan_recv: NULL channel or element");
    if (sched_spent()) {
        return recv_after_turn(c, elem, d);
    }
    int result = chan_try_recv(c, elem);

    if (result != -EAGAIN) {
        return result;
    }
    if (sched_current() == NULL) {
        ASSERT(d.ticks == 0, "chan_recv: in poll context only with NOWAIT");
        return -EAGAIN;
    }
    sched_current()->waiter.data = elem;
    return wait_on(&c->waiting, "chan_recv", d);
}

int chan_close(struct chan *c)
{
    ASSERT(c != NULL, "chan_close: the channel is NULL");
    if (c->closed) {
        return -EALREADY;
    }
    c->closed = 1;
    while (!waitq_empty(&c->waiting)) {
        wait_end(waitq_first(&c->waiting), -EPIPE);
    }
    return 0;
}

void chan_init(struct chan *c, const char *name, void *buffer, size_t capacity, size_t size)
{
    ASSERT(capacity <= UINT16_MAX && size > 0 && size <= UINT16_MAX,
           "chan_init: capacity or size out of range");
    ASSERT(capacity == 0 || buffer != NULL, "chan_init: no buffer");
    *c = (struct chan){
        .buffer = buffer,
        .size = (uint16_t)size,
        .capacity = (uint16_t)capacity,
    };
    waitq_init(&c->waiting, name);
}

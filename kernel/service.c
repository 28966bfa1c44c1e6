// SPDX-License-Identifier: MIT
#include "kernel/service.h"

#include <errno.h>

#include "kernel/copy.h"
#include "kernel/panic.h"
#include "kernel/stack.h"

enum {
    CALL_DEPTH = 32 * sizeof(uintptr_t)
}; // bytes of stack that service_call() needs at most to come to its wait

// What a caller's waiter points to, on its stack.
struct message {
    const void *request;
    void *reply;
};

void service_init(struct service *s, const char *name, size_t request_size, size_t reply_size)
{
    ASSERT(s != NULL && request_size > 0 && request_size <= UINT16_MAX && reply_size <= UINT16_MAX,
           "service_init: NULL, or sizes out of range");
    *s = (struct service){
        .request_size = (uint16_t)request_size,
        .reply_size = (uint16_t)reply_size,
    };
    waitq_init(&s->callers, name);
    waitq_init(&s->servers, name);
    list_init(&s->open);
}

// Copies to or from memory of a waiting tasklet's that is not what it waits with, but what that points to.
static inline bool elsewhere(const struct waiter *w)
{
    return (w->flags & TASKLET_SHARED) != 0;
}

static inline void copy_to(struct waiter *other, void *to, const void *from, size_t size)
{
    if (elsewhere(other)) {
        rendezvous_put(to, from, size, other);
    } else {
        rendezvous_copy(to, from, size);
    }
}

static inline void copy_from(struct waiter *other, void *to, const void *from, size_t size)
{
    if (elsewhere(other)) {
        rendezvous_get(to, from, size, other);
    } else {
        rendezvous_copy(to, from, size);
    }
}

static inline struct message message_of(struct waiter *caller)
{
    struct message message;

    if (elsewhere(caller)) {
        rendezvous_get(&message, caller->data, sizeof message, caller);
        return message;
    }
    return *(const struct message *)caller->data;
}

// Whoever will not come to wait asks the server for nothing: 0, or why he will not.
static inline int refusal(const struct tasklet *self)
{
    if ((self->waiter.flags & (CANCEL_DUE | TASKLET_SHARED)) == 0) {
        return 0;
    }
    if ((self->waiter.flags & CANCEL_DUE) != 0 && self->waiter.shield == 0) {
        return -ECANCELED;
    }
    return (self->waiter.flags & TASKLET_SHARED) == 0 || shared_stack_would_wait(self, CALL_DEPTH)
               ? 0
               : -ENOMEM;
}

const char in_service_reply[] = "service_call"; // received: it has a struct call

static bool is_open(const struct call *call)
{
    return call->link.next != NULL;
}

// From now on the call is the server's to answer.
static void open_call(struct service *s, struct call *call, struct tasklet *server)
{
    call->service = s;
    call->server = server;
    call->caller.name = s->callers.name;
    list_init(&call->caller.waiters);
    list_insert_before(&s->open, &call->link);
}

static void close_call(struct call *call)
{
    list_remove(&call->link);
    call->link.next = NULL;
}

int service_call(struct service *s, const void *request, void *reply, deadline_t d)
{
    ASSERT(s != NULL && request != NULL && (reply != NULL || s->reply_size == 0),
           "service_call: NULL service, request or reply");
    ASSERT(sched_current() != NULL, "service_call: not in a tasklet");
    if (d.ticks == 0) {
        sched_spend();
        return -EAGAIN;
    }
    if (s->closed) {
        return -EPIPE;
    }
    int refused = refusal(sched_current());

    if (refused != 0) {
        return refused == -ECANCELED ? wait_on(&s->callers, "service_call", d) : refused;
    }
    const struct message message = { .request = request, .reply = reply };
    struct waitq *queue = &s->callers;

    // Whoever selects is told only, and may not come to receive: on to the first who has received.
    while (!waitq_empty(&s->servers)) {
        struct waiter *server = waitq_first(&s->servers);
        bool receives = server->level < SCHED_LEVELS;

        if (receives) {
            struct call *call = server->data;

            copy_to(server, call->request, request, s->request_size);
            open_call(s, call, waiter_tasklet(server));
            queue = &call->caller;
        }
        wait_end(server, 0);
        if (receives) {
            break;
        }
    }
    sched_current()->waiter.data = (void *)(uintptr_t)&message;
    return wait_on(queue, queue == &s->callers ? "service_call" : in_service_reply, d);
}

// The caller's waiter moves from the service's queue to the call's.
static void receive(struct service *s, void *request, struct call *call)
{
    struct waiter *caller = waitq_first(&s->callers);

    copy_from(caller, request, message_of(caller).request, s->request_size);
    open_call(s, call, sched_current());
    list_remove(&caller->link);
    list_insert_before(&call->caller.waiters, &caller->link);
    waiter_tasklet(caller)->queue = &call->caller;
    waiter_tasklet(caller)->in = in_service_reply;
}

int service_recv(struct service *s, void *request, struct call *call, deadline_t d)
{
    ASSERT(s != NULL && request != NULL && call != NULL, "service_recv: NULL");
    ASSERT(sched_current() != NULL, "service_recv: not in a tasklet");
    ASSERT(!on_shared_stack(call), "service_recv: the call lies on a shared stack");
    ASSERT(!is_open(call), "service_recv: the call was not answered yet");
    sched_spend();
    if (s->closed) {
        return -EPIPE;
    }
    if (!waitq_empty(&s->callers)) {
        receive(s, request, call);
        return 0;
    }
    call->request = request;
    sched_current()->waiter.data = call;
    return wait_on(&s->servers, "service_recv", d);
}

// The waiter of the caller whose call is answered now; NULL, and why not.
static struct waiter *answer(struct call *call, int *why)
{
    *why = -EALREADY;
    if (!is_open(call)) {
        return NULL;
    }
    *why = -ESRCH;
    if (waitq_empty(&call->caller)) {
        close_call(call);
        return NULL;
    }
    return waitq_first(&call->caller);
}

int service_reply(struct call *call, const void *reply)
{
    ASSERT(call != NULL && (reply != NULL || !is_open(call) || call->service->reply_size == 0),
           "service_reply: NULL");
    int why;
    struct waiter *caller = answer(call, &why);

    if (caller == NULL) {
        return why;
    }
    if (call->service->reply_size > 0) {
        copy_to(caller, message_of(caller).reply, reply, call->service->reply_size);
    }
    close_call(call); // not before: the copy may find that it cannot be made
    wait_end(caller, 0);
    return 0;
}

int service_refuse(struct call *call, int error)
{
    ASSERT(call != NULL && error < 0, "service_refuse: NULL, or not an error");
    int why;
    struct waiter *caller = answer(call, &why);

    if (caller == NULL) {
        return why;
    }
    close_call(call);
    wait_end(caller, error);
    return 0;
}

static void wake_all(struct waitq *q)
{
    while (!waitq_empty(q)) {
        wait_end(waitq_first(q), -EPIPE);
    }
}

int service_close(struct service *s)
{
    ASSERT(s != NULL, "service_close: NULL");
    if (s->closed) {
        return -EALREADY;
    }
    s->closed = 1;
    wake_all(&s->servers);
    wake_all(&s->callers);
    while (!list_empty(&s->open)) {
        struct call *call = container_of(s->open.next, struct call, link);

        close_call(call);
        wake_all(&call->caller);
    }
    return 0;
}

bool service_ready(void *service)
{
    const struct service *s = service;

    return s->closed || !waitq_empty(&s->callers);
}

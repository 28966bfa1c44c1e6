// SPDX-License-Identifier: MIT
//
// Services: request and reply between tasklets, the message of a microkernel (send, receive, reply, as
// Thoth and QNX have it). The caller's state is kept until the reply: to it the call is a function. A file
// system or a device server can stand behind one.
//
//     static SERVICE(disk, struct disk_request, struct disk_reply);
//
//     a client:                                          the server:
//     service_call(&disk, &request, &reply, d)           static struct call call;
//                                                        while (service_recv(&disk, &request, &call,
//                                                                            FOREVER) == 0) {
//                                                            ...
//                                                            service_reply(&call, &reply);
//                                                        }
//
// A server may receive others before it replies, hold several calls, and answer them in any order:
//
//          service_call()          service_recv()            service_reply(), service_refuse()
//     caller --------> waits in `callers` ----> waits in its struct call ----> goes on with the reply
//                          |                          |
//                          +---- deadline, cancel ----+----> goes on with an error
//
// A caller that has given up leaves nothing behind: the reply says that nobody wants it any more.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kernel/wait.h"

struct service {
    struct waitq callers;  // whom no server has received yet
    struct waitq servers;  // in service_recv(), or in a select
    struct list open;      // calls that were received and not answered: struct call by its link
    uint16_t request_size; // in bytes
    uint16_t reply_size;   // in bytes
    uint8_t closed;
};

// A call that a server has received. Static, all zero before its first use, and not on a stack, for others
// follow pointers to it. It can be received into again when it has been answered.
struct call {
    struct waitq caller;     // who waits for the reply; empty: it has given up
    struct list link;        // in `open`; next == NULL: it was answered, or never received
    struct service *service; // while open
    struct tasklet *server;  // who received it, for reports
    void *request;           // where the server wants the request, while it waits for one
};

// Defines a service with requests and replies of two types.
#define SERVICE(its_name, request_type, reply_type)                                                \
    struct service its_name = {                                                                    \
        .callers = WAITQ_INIT((its_name).callers, #its_name),                                      \
        .servers = WAITQ_INIT((its_name).servers, #its_name),                                      \
        .open = LIST_INIT((its_name).open),                                                        \
        .request_size = sizeof(request_type),                                                      \
        .reply_size = sizeof(reply_type),                                                          \
    }

// The same at run time. A reply may have no bytes: then its pointers are not looked at.
void service_init(struct service *s, const char *name, size_t request_size, size_t reply_size);

// Sends a copy of *request and waits until a server has answered into *reply. Returns 0; what the server
// said with service_refuse(); -EPIPE if the service is closed, before or meanwhile; -ETIMEDOUT, -ECANCELED:
// the server may have begun or even finished, but *reply is untouched; -EAGAIN for NOWAIT, always: nothing
// was sent. Context: tasklet.
int service_call(struct service *s, const void *request, void *reply, deadline_t d);

// Receives a request into *request, and what the reply needs into *call, which is not open; otherwise an
// assertion. Callers are received in the order in which they came. Returns 0; -EPIPE if the service is
// closed; -ETIMEDOUT, -ECANCELED, -EAGAIN (NOWAIT). Context: tasklet.
int service_recv(struct service *s, void *request, struct call *call, deadline_t d);

// Answers: copies *reply to the caller, who goes on. Returns 0; -ESRCH if the caller has given up meanwhile;
// -EALREADY if the call is not open: answered before, never received, or ended with its service.
// However it returns, the call is not open any more. Contexts: tasklet, poll.
int service_reply(struct call *call, const void *reply);

// Answers with an error: the caller's service_call() returns it (< 0). Returns as service_reply() does.
int service_refuse(struct call *call, int error);

// False if nobody waits for the answer any more, so that a server can leave work undone. Contexts: tasklet,
// poll.
static inline bool call_wanted(const struct call *call)
{
    return call->link.next != NULL && !waitq_empty(&call->caller);
}

// Ends the service: servers and callers that wait get -EPIPE, those whose call is open too, and so do later
// calls. Returns 0, or -EALREADY if it was closed before. Contexts: tasklet, poll.
int service_close(struct service *s);

// What a tasklet waits in while its call is open: see reason.c.
extern const char in_service_reply[];

// For chan_select(): can go on if somebody calls; then take the call with service_recv() and NOWAIT. A
// call goes past whoever selects to the first who has received, so it may be taken already.
#define SELECT_SERVICE(its_service)                                                                \
    {                                                                                              \
        .op = SELECT_OP_WAIT, .queue = &(its_service)->servers, .elem = (its_service),             \
        .ready = service_ready                                                                     \
    }
bool service_ready(void *service);

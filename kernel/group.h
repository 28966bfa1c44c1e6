// SPDX-License-Identifier: MIT
//
// Groups of tasklets: started together, ended together, waited for together; and the place where a failure
// stops. A tasklet that nobody watches takes the program with it when it fails, which then restarts: better
// than a device that lives on without a part of it. A member of a group fails alone:
//
//     assertion, stack overflow, fault
//         |   the report is printed, as of any panic
//         v
//     its stack is given up; what it has deferred runs (kernel/defer.h)
//         |
//         v
//     it has ended, with -EFAULT; the group is told                      the others go on
//
// Not if it was inside of the kernel, lwIP or malloc(), between no_switch_begin() and no_switch_end(), in
// poll context or in an interrupt, or if memory beyond its stack was overwritten: what it left half-done
// there belongs to all. That is a panic.
//
//     static GROUP(conversation, "conversation");
//
//     group_spawn(&conversation, "reader", read_all, &c, reader_memory, sizeof reader_memory);
//     group_spawn(&conversation, "writer", write_all, &c, writer_memory, sizeof writer_memory);
//     if (group_join(&conversation, after_ms(5000)) != 0) {
//         group_end(&conversation, FOREVER);
//     }
#pragma once

#include "kernel/tasklet.h"

struct group {
    struct waitq ended; // those who wait for the end of a member, or of all
    uint16_t alive;     // members that have not ended
    int16_t error;      // what the first that failed has ended with (< 0); 0: none did
};

#define GROUP(its_name, text)                                                                      \
    struct group its_name = { .ended = WAITQ_INIT((its_name).ended, text) }

void group_init(struct group *g, const char *name);

// Starts fn(arg) as tasklet_spawn() does, as a member. Members are not joined one by one: tasklet_join()
// returns -EBUSY; the memory of each is the caller's again when tasklet_state() says that it has ended.
// Contexts: tasklet, poll, boot.
struct tasklet *group_spawn(struct group *g, const char *name, void (*fn)(void *), void *arg,
                            void *mem, size_t size);

// Makes t a member, which was spawned and has not ended, and nobody joins: for tasklets on shared stacks.
// Contexts: tasklet, poll, boot.
void group_add(struct group *g, struct tasklet *t);

// Waits until no member is alive. Returns 0; what the first that failed has ended with (a negative errno;
// -EFAULT: it was ended by an assertion or a fault) since the last time that this was told; -ETIMEDOUT,
// -ECANCELED, -EAGAIN (NOWAIT). Context: tasklet.
int group_join(struct group *g, deadline_t d);

// Waits until a member ends, any. Returns 0, or -ESRCH if none is alive; else as above. Context: tasklet.
int group_wait(struct group *g, deadline_t d);

// Asks all members to end: tasklet_cancel(). Returns how many. Contexts: tasklet, poll.
unsigned group_cancel(struct group *g);

// Both: asks them, and waits until all have ended. Returns 0, or -ETIMEDOUT, -ECANCELED, -EAGAIN: then some
// are alive still. Context: tasklet.
int group_end(struct group *g, deadline_t d);

// ---- For the end of a tasklet ----

// One of a group has ended with this value.
void group_member_ended(struct group *g, int value);

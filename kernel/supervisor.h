// SPDX-License-Identifier: MIT
//
// Supervision: a tasklet that starts others, and again when they end, by a policy (after Erlang/OTP's
// supervisors, Armstrong 2003). What a child fails of is contained by its group (kernel/group.h), so that a
// part of a program can fail and be set up anew while the rest serves on. Supervisors can be children of
// others: one that gives up has failed itself.
//
//     static TASKLET_MEMORY(sensor_memory, 512);
//     static struct child children[] = {
//         { .name = "sensor", .fn = read_sensor, .memory = sensor_memory, .size = sizeof sensor_memory,
//           .restart = RESTART_ALWAYS },
//     };
//     static SUPERVISOR(supervisor, children, .backoff_ms = 100, .backoff_max_ms = 10000, .most = 5,
//                       .within_ms = 60000);
//
//     supervisor_run(&supervisor, FOREVER);
//
//     started --> runs --> ended --(policy: no)--------------> done
//        ^                   |
//        |               (policy: yes; fewer than `most` failures `within_ms`; else all are ended: gives up)
//        |                   v
//        +---- back-off: backoff_ms, doubled with each failure in a row after the first
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "kernel/group.h"

enum restart {
    RESTART_NEVER,    // runs once
    RESTART_ON_ERROR, // again if it has failed: its exit value is < 0, or it was ended by a failure
    RESTART_ALWAYS,   // again, however it has ended
};

// A child: the first fields are the program's, the others begin with zeros.
struct child {
    const char *name;
    void (*fn)(void *arg);
    void *arg;
    void *memory; // as for tasklet_spawn()
    size_t size;
    uint8_t restart; // enum restart

    uint8_t done;      // it is not started again
    uint16_t failures; // in a row, for the back-off: a run as long as `within_ms` ends the row
    uint32_t starts;   // ever
    int last;          // exit value of its last run
    const char *why;   // of its last run: tasklet_failure()
    struct tasklet *tasklet; // while it runs; NULL: it waits for its start
    deadline_t next;         // then: the time of its start
    ticks_t started;         // while it runs: since when
};

struct supervisor {
    struct child *children;
    uint16_t count;
    uint16_t most;       // failures, of all children together, ...
    uint32_t within_ms;  // ... in this time are too many: it gives up; most == 0: it never does
    uint32_t backoff_ms; // before each further start, and doubled with each failure in a row ...
    uint32_t backoff_max_ms; // ... up to this
    void (*report)(
        const struct child *c); // called in its tasklet after each end of a child; NULL: not

    struct group group;
    uint16_t failures; // since `window`
    ticks_t window;    // begin of the time in which failures are counted
};

#define SUPERVISOR(its_name, its_children, ...)                                                    \
    struct supervisor its_name = { .children = (its_children),                                     \
                                   .count = sizeof(its_children) / sizeof((its_children)[0]),      \
                                   .group = { .ended =                                             \
                                                  WAITQ_INIT((its_name).group.ended, #its_name) }, \
                                   __VA_ARGS__ }

// Starts all children and looks after them until none is left to look after. However it returns, all have
// ended. Returns 0: all have ended and none is to be started again; -ENOTRECOVERABLE: it gave up; -ETIMEDOUT,
// -ECANCELED. Children that do not end when they are asked to (tasklet_cancel) are waited for. Context:
// tasklet.
int supervisor_run(struct supervisor *s, deadline_t d);

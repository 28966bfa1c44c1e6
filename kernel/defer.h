// SPDX-License-Identifier: MIT
//
// Clean-up that happens however a tasklet ends: by return, tasklet_exit() or failure (kernel/group.h). C
// does not unwind, so what a tasklet holds is written down in records of the caller's, which lie outside
// of its stack, for that is gone after a failure.
//
//     static struct defer d[WORKERS];                  // or in the object that is held
//
//     defer(&d[i], close_socket, sock);
//     ...
//     defer_run(&d[i]);                                // closes it; at the latest the end of the tasklet does
#pragma once

struct tasklet;

struct defer {
    struct defer *next; // the one that was written down before
    void (*fn)(void *arg);
    void *arg;
};

// Writes down that fn(arg) is to be called at the end of the running tasklet, last in, first out. There it
// runs in that tasklet and may wait; a cancellation is held back. *d is not in use. Context: tasklet.
void defer(struct defer *d, void (*fn)(void *arg), void *arg);

// Takes the record back, wherever it stands in the row, and calls its function now. One that is not written
// down is an assertion. Context: tasklet.
void defer_run(struct defer *d);

// Takes the record back without the call: the thing was given away. Context: tasklet.
void defer_forget(struct defer *d);

// Writes down *d for t, which has not begun; one record can serve many so, as the last of each.
void defer_for(struct tasklet *t, struct defer *d);

// Runs what is written down. Called by the end of a tasklet; weak there, for a program without defers does
// not link it.
void defer_run_all(void) __attribute__((weak));

// SPDX-License-Identifier: MIT
//
// Who waits for what, and who holds it: for ps, debuggers, and the report of a deadlock. All from what the
// one way to wait leaves in a tasklet. A program that never asks does not link it.
#pragma once

#include <stdbool.h>

#include "kernel/tasklet.h"

struct reason {
    const char *in; // the call: "chan_recv"
    const char *on; // name of the object, NULL if it has none
    const struct tasklet
        *holder;  // who must act: a mutex's owner, who is joined, who serves a call; NULL:
                  // that cannot be told
    bool limited; // the wait has a deadline
};

// Of a tasklet that waits; of another one all is NULL. Contexts: tasklet, poll.
struct reason tasklet_reason(const struct tasklet *t);

// A tasklet that waits, without a limit, for others that in the end wait for itself: none of them will ever
// go on. NULL if there is no such. `after`: the search goes on behind this one; NULL: from the beginning.
// Each tasklet of a circle is found. Contexts: tasklet, poll.
const struct tasklet *deadlocked(const struct tasklet *after);

// Writes a line for t, with text(to, ...) a piece at a time: "reader waits in mutex_lock on disk, held by
// writer". Contexts: as text's, tasklet, poll.
void reason_print(const struct tasklet *t, void (*text)(void *to, const char *piece), void *to);

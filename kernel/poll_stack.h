// SPDX-License-Identifier: MIT
//
// Deep calls on the scheduler's stack. It is free while a tasklet runs, and as deep as pollers need it.
// So code that goes deep and never waits, a protocol's output for instance, can run there: its depth is
// paid once, and not by each tasklet. It costs about a dozen instructions.
#pragma once

#include <stdint.h>

// Runs fn(arg) there and returns what it returns. In poll context, or inside of such a call, it is a plain
// call. A wait or yield in it is an assertion. fn may use the caller's variables by `arg`.
// Contexts: tasklet, poll.
intptr_t on_poll_stack(intptr_t (*fn)(void *arg), void *arg);

// SPDX-License-Identifier: MIT
//
// The harness of the kernel's tests: cases in a table, conditions, traces of events. One suite is
// one image; it runs on the host in virtual time and on every board, prints
//
//     ok CASE
//     FAIL CASE
//       FILE:LINE: CONDITION (is ACTUAL, not EXPECTED)
//     suite NAME: N passed, M failed
//
// to the first serial port, and ends with exit code 0 if no case failed. Emulators run in real time
// on machines that are busy: on boards a test relies on order and lower bounds only; see
// suite_exact().
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kernel/tasklet.h"

struct suite_case {
    const char *name;
    void (*run)(void); // in the first tasklet
};

#define CASE(function)                                                                             \
    {                                                                                              \
#function, function                                                                        \
    }
#define SUITE_RUN(name, cases) suite_run(name, cases, sizeof(cases) / sizeof((cases)[0]))

_Noreturn void suite_run(const char *name, const struct suite_case *cases, size_t count);

// A condition that must hold; the case goes on. Printed at the end of the case, so they need little
// stack. Any context.
#define CHECK(condition) suite_check((condition), __FILE__, __LINE__, #condition)
#define CHECK_IS(actual, expected)                                                                 \
    suite_check_is((intptr_t)(actual), (intptr_t)(expected), __FILE__, __LINE__, #actual)
void suite_check(bool holds, const char *file, int line, const char *text);
void suite_check_is(intptr_t actual, intptr_t expected, const char *file, int line,
                    const char *text);

// Failed conditions of the running case so far.
unsigned suite_failures(void);

// ---- Traces: what happened, in order, as one string: "A1 B1 A2" ----

// Appends a token. Any context.
void note(const char *token);
void note_number(const char *token, int number);

// Appends the running tasklet's name and a number.
void step(int number);

// Compares all tokens since the last comparison with `expected`. Context: tasklet.
#define CHECK_TRACE(expected) suite_check_trace(expected, __FILE__, __LINE__)
void suite_check_trace(const char *expected, const char *file, int line);

// ---- Tasklets ----

enum {
    WORKERS = 6,        // at the same time
    WORKER_STACK = 256, // besides the least
};

// Spawns one in the harness's own memory, which is reused: worker_join() gives it back, and
// workers_join() all of it, which also happens at the end of each case. One that does not end
// within 20 seconds ends the suite.
struct tasklet *worker(const char *name, void (*fn)(void *), void *arg);
int worker_join(struct tasklet *t);
void workers_join(void);

// A number as a tasklet's argument, and back.
#define ARG(number) ((void *)(intptr_t)(number))
#define NUMBER(arg) ((int)(intptr_t)(arg))

// Every now and then a call that could have waited gives the others a turn (SCHED_CREDIT). So that
// traces are what they seem, that does not happen unless a case sets the calls that are left.
void suite_credit(int32_t calls);

// ---- Time ----

// Time is virtual: then what happens at a certain time can be checked, not only that it is not
// early.
bool suite_exact(void);

// Far enough away that the machine does not stall for that long: 1 ms if exact, 100 ms otherwise.
deadline_t suite_soon(void);

// True if d has passed, with at most 20 microseconds on top if time is exact.
bool suite_on_time(deadline_t d);

// Keeps the processor until d.
void spin_until(deadline_t d);

// ---- Interrupts and chance ----

// Calls fn in interrupt context; returns when it was called.
void suite_interrupt(void (*fn)(void));

// Calls fn in interrupt context at d, if time is virtual; otherwise does nothing and returns false.
// One at a time.
bool suite_interrupt_at(deadline_t d, void (*fn)(void));

// The same numbers from the same seed (Marsaglia: Xorshift RNGs, 2003); `limit` > 0 is exclusive.
void suite_seed(uint32_t seed);
uint32_t suite_random(uint32_t limit);

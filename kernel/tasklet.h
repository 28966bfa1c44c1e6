// SPDX-License-Identifier: MIT
//
// Tasklets: ordinary C functions with a stack of their own, which may switch away from any depth and
// come back. Scheduling is cooperative: only a call that can block switches, so data shared between
// tasklets needs no lock as long as no such call stands in between.
//
//        tasklet_spawn()                 1  spawn: at the end of the run queue of its level
//              |                         2  its turn has come
//              v  1                      3  yield, or its credit is spent: to the end of the queue
//     +---> READY <------+               4  a call that has to wait (all are wait.h's)
//     |        | 2       | 5             5  fired, timed out or cancelled
//   3 |        v         |               6  its function returns, or tasklet_exit()
//     +---- RUNNING --> WAITING          7  tasklet_join() gives the memory back to the caller
//              | 6   4
//              v
//           EXITED --7--> JOINED
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "kernel/hooks.h"
#include "kernel/list.h"
#include "kernel/panic.h"
#include "kernel/sched.h"
#include "kernel/time.h"
#include "kernel/timer.h"
#include "kernel/wait.h"

struct defer;

enum tasklet_state {
    TASKLET_READY, // also while it runs
    TASKLET_WAITING,
    TASKLET_EXITED,
    TASKLET_JOINED,
};

enum { PRIORITY_LOW = 0, PRIORITY_NORMAL = 1, PRIORITY_HIGH = 2 };

// A tasklet's control block. It lies at the upper end of the memory given to tasklet_spawn(), the
// stack below it; or in a struct shared_tasklet. Programs do not touch the fields.
struct tasklet {
    struct waiter waiter; // its own; first, so that the run queue's links are cheap to follow;
                          // after the end its result is the exit value
    void *sp;             // while switched out: see arch_switch()
    struct waitq *queue;  // that it waits in with its own waiter; NULL: it is ready
    const char *in;       // the call it waits in, or did
    ticks_t deadline;     // of that wait, if it is WAIT_LIMITED
    struct timer timer;   // may be armed for an earlier deadline than `deadline`: lazily moved
    const char *name;     //
    void *base;           // low end of its stack
    struct list all;      // in tasklet_all
    uintptr_t watcher; // who is told of its end: the tasklet in tasklet_join(), or its group with
                       // WATCHED_BY_GROUP added; 0: nobody
    struct defer *deferred; // what its end has to clean up, see defer.h

    struct guard guard;
    struct account account;
    struct libc_word libc;
};

enum {
    CANCEL_DUE = 1,     // the next call that waits without a shield returns -ECANCELED
    CANCEL_EVER = 2,    // it was asked to end, some time
    WAIT_LIMITED = 4,   // the present wait, or the last one, has a deadline
    TASKLET_FAILED = 8, // it was ended by an assertion or a fault; `in` says why
    TASKLET_SHARED = 16 // it is a struct shared_tasklet
};
enum { WATCHED_BY_GROUP = 1 };

// The least memory for a tasklet: control block, guard and a stack that can switch. A function that
// calls io_printf() wants 512 bytes more, one that calls the C library's printf() 1 to 2 KB.
#define TASKLET_MEMORY_MIN (sizeof(struct tasklet) + ARCH_GUARD_SIZE + ARCH_STACK_MIN)

// Defines memory for one tasklet, `stack` bytes of stack besides what the kernel needs:
//     static TASKLET_MEMORY(blinker_memory, 256);
#define TASKLET_MEMORY(name, stack)                                                                \
    _Alignas(TASKLET_ALIGN) unsigned char                                                          \
        name[(TASKLET_MEMORY_MIN + (stack) + TASKLET_ALIGN - 1) / TASKLET_ALIGN * TASKLET_ALIGN]

// The size of a stack, left to the build: the bytes that a tasklet on the function `fn` can need, as the call graph of
// the program tells them (docs/stack.md). For TASKLET_MEMORY, TASKLET_POOL and STACK, in the .c files of a program:
//     static TASKLET_MEMORY(echo_memory, STACK_OF(echo));
// If several functions of that name are spawned, the deepest counts. A program for the host gets 32 KB.
#define STACK_OF(fn) stack_of_##fn

enum { TASKLET_ALIGN = ARCH_GUARD_SIZE > ARCH_STACK_ALIGN ? ARCH_GUARD_SIZE : ARCH_STACK_ALIGN };

// Starts fn(arg) as a tasklet of normal priority in `size` bytes at mem, which belong to it until it
// is joined. It first runs when the caller waits or yields. `name` is kept by reference. Memory of
// less than TASKLET_MEMORY_MIN bytes is an assertion. Contexts: tasklet, poll, boot.
struct tasklet *tasklet_spawn(const char *name, void (*fn)(void *), void *arg, void *mem,
                              size_t size);

// The running tasklet; NULL in poll context.
static inline struct tasklet *tasklet_self(void)
{
    return sched_current();
}

// Gives the others a turn. Returns when all ready tasklets of this level (and those above, and the
// pollers that were kicked) had one. Not a cancellation point. Context: tasklet.
void tasklet_yield(void);

// Ends the running tasklet. What it has deferred runs first. `value` is what join returns: >= 0, or a
// negative errno to say that it failed. Returning from its function is tasklet_exit(0).
_Noreturn void tasklet_exit(int value);

// Waits until t has ended; its memory is the caller's again. Returns its exit value; or -ETIMEDOUT,
// -ECANCELED, -EAGAIN (NOWAIT and it still runs); -EBUSY if another tasklet waits for it or it is one of a
// group, -ESRCH if it was joined before, -EDEADLK for oneself. Context: tasklet.
int tasklet_join(struct tasklet *t, deadline_t d);

// Asks t to end: the call that it waits in, or its next one that has to wait, returns -ECANCELED,
// once per request; a call that can go on at once does. Cleaning up is then t's part. Returns 0,
// or -ESRCH if t has ended already. Contexts: tasklet, poll.
int tasklet_cancel(struct tasklet *t);

// True if somebody has asked the running tasklet to end, delivered or not.
bool tasklet_cancelled(void);

// Between these two, clean-up code may wait: a cancellation is held back. They nest.
void tasklet_shield(void);
void tasklet_unshield(void);

// Moves t to another level: PRIORITY_LOW, _NORMAL, _HIGH. Levels are strict: a ready tasklet of a
// higher level goes first, always. Returns 0, -EINVAL, or -ESRCH if it has ended.
int tasklet_set_priority(struct tasklet *t, unsigned level);

// Wait for a point in time. 0, or -ECANCELED; on a shared stack also -ENOMEM. Context: tasklet.
int sleep_until(deadline_t d);
int sleep_ms(uint32_t ms);

// Between these two nothing may wait or yield: a call that would is an assertion. For code that relies
// on not being interrupted by other tasklets, so that nobody adds a wait to it unknowingly. They nest.
// They cost a few instructions, and nothing without CONFIG_ASSERT. Contexts: tasklet, poll.
static inline void no_switch_begin(void)
{
    if (CONFIG_ASSERT) {
        sched.no_switch++;
    }
}

static inline void no_switch_end(void)
{
    if (CONFIG_ASSERT) {
        sched.no_switch--;
    }
}

// ---- To look at them: ps, debuggers, reports ----

static inline enum tasklet_state tasklet_state(const struct tasklet *t)
{
    return t->waiter.ended != 0 ? (enum tasklet_state)t->waiter.ended
           : t->queue != NULL   ? TASKLET_WAITING
                                : TASKLET_READY;
}

// All that were spawned and have not ended, by their member `all`.
extern struct list tasklet_all;

// What a tasklet's `in` is while it joins another.
extern const char in_tasklet_join[];

// Bytes of stack: all, and the most ever used (0 without CONFIG_PAINT). A prediction is not a bound:
// see `make stack`.
size_t tasklet_stack_size(const struct tasklet *t);
size_t tasklet_stack_used(const struct tasklet *t);

// In words why t has failed, if it was ended by an assertion or a fault; else NULL. As long as its memory
// is not used again.
static inline const char *tasklet_failure(const struct tasklet *t)
{
    return (t->waiter.flags & TASKLET_FAILED) != 0 ? t->in : NULL;
}

// Ticks that t has run, and its longest stretch without giving the processor away (0 without
// CONFIG_ACCOUNT).
uint64_t tasklet_run_time(const struct tasklet *t);
uint32_t tasklet_longest_slice(const struct tasklet *t);

// Calls board_init(), spawns the first tasklet on the program's main() and runs the scheduler. Called
// by the start-up code.
void kernel_run(void (*board_init)(void));

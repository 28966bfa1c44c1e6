// SPDX-License-Identifier: MIT
//
// Shared stacks: many tasklets, one stack. Its depth is paid once, and a tasklet that is blocked keeps only
// the bytes that are alive. For many conversations that are all alike: each goes deep for a moment, when it
// parses or sends, and waits with little on its stack.
//
//     static SAVE_AREA(saved, 8192);
//     static STACK(stack, 1024, &saved);
//     static struct shared_tasklet talks[50];
//
//     tasklet_spawn_on(&stack, "talk", talk, arg, &talks[i]);
//
// They are tasklets like others, with the same calls, and mix freely with those that have stacks of their
// own. On the stack lies one of them, its *resident*:
//
//      low                                     high         the save area
//      base                                   top
//      | guard |      free      | the resident |            | A | A | C | A |   |   |
//                               ^ its stack pointer
//
//          tasklet_spawn_on()        1  its first turn: it begins on the stack, whoever lay there is saved
//                |                   2  another who shares the stack has its turn: its bytes are saved, in
//              FRESH                    as many chunks as they need
//                | 1                 3  its turn again: its bytes come back to the same addresses
//                v      2            4  it has ended
//           RESIDENT <-----> SAVED
//              | 4      3               Waiting, being woken and running again while RESIDENT copies nothing.
//              v
//            ENDED
//
// Since the addresses are the same, pointers into its own stack stay valid to the tasklet itself. To others
// they are not: what they follow (queues, timers, records, semaphores and the like) may not lie on a shared
// stack, which is an assertion as far as it can be seen. The exceptions are what channels, select and services
// copy from one tasklet's memory to another's: elements, requests and replies may lie anywhere, and are found
// where they were saved.
//
// *Memory.* What a wait will need at most, if it comes to saving, is counted before it begins: the call returns
// -ENOMEM if the area has not as much, and nothing has happened. Each tasklet has a reserve in the area from
// its spawn on, SHARED_RESERVE bytes, of which no call can be short. So clean-up code that goes no deeper can
// always wait. tasklet_yield() cannot fail: deeper than that and without room it gives others a turn, but
// not those who share the stack, as long as there is no room.
#pragma once

#include <stdbool.h>

#include "kernel/save_area.h"
#include "kernel/tasklet.h"

struct stack {
    unsigned char *base;    // low end, aligned to TASKLET_ALIGN
    size_t size;            // of its memory, in bytes
    unsigned char *top;     // where the first frame begins; above it there is room for the rest of
                            // the chunk that the highest bytes are copied with
    struct save_area *area; // where its tasklets are saved; several stacks may share one
    struct shared_tasklet *resident; // whose bytes lie on it; NULL: nobody's
    struct stack *next;              // in the row of all that are used
    struct poller *swap_always;      // see stack_swap_always(); NULL: swapped only if need be
};

// The control block of a tasklet on a shared stack. It belongs to the caller and lies on no shared stack;
// it can be used again when the tasklet has been joined, or has ended as one of a group.
struct shared_tasklet {
    struct tasklet tasklet; // first: a pointer to it is a pointer to this, too
    struct stack *stack;
    union {
        void *sp;           // while saved: its stack pointer
        void (*fn)(void *); // while fresh: its function
    };
    uint16_t first;   // while saved: the link to its chunks; SHARED_FRESH: it has not begun
    uint16_t granted; // chunks it is promised, whether it uses them or not
};

enum { SHARED_FRESH = 1 }; // links are even

// Bytes of its stack that always find room when a tasklet waits or yields: for a short function that makes such a
// call, the call, and the switch.
enum { SHARED_RESERVE = SAVE_CHUNKS(ARCH_WAIT_DEPTH + ARCH_SWITCH_DEPTH) * SAVE_CHUNK };

// Defines a stack of `bytes` bytes, besides what the kernel needs, and says where its tasklets are saved.
//     static STACK(stack, 1024, &saved);
#define STACK(its_name, bytes, its_area)                                                           \
    struct stack its_name = {                                                                      \
        .base = (unsigned char *)(struct {                                                         \
            _Alignas(TASKLET_ALIGN) unsigned char memory[STACK_SIZE(bytes)];                       \
        }[1]){},                                                                                   \
        .size = STACK_SIZE(bytes),                                                                 \
        .area = (its_area),                                                                        \
    }

// The memory that it takes, and the least of it.
#define STACK_SIZE(bytes)                                                                          \
    ((STACK_SIZE_MIN + (bytes) + TASKLET_ALIGN - 1) / TASKLET_ALIGN * TASKLET_ALIGN)
#define STACK_SIZE_MIN (ARCH_GUARD_SIZE + ARCH_STACK_MIN + SAVE_CHUNK)

// The same at run time, of `size` bytes of memory.
void stack_init(struct stack *s, void *memory, size_t size, struct save_area *area);

// Starts fn(arg) as a tasklet of normal priority on a shared stack, as tasklet_spawn() does on one of its own.
// Returns it; NULL if the save area has not its reserve. Contexts: tasklet, poll, boot.
struct tasklet *tasklet_spawn_on(struct stack *s, const char *name, void (*fn)(void *), void *arg,
                                 struct shared_tasklet *t);

// For tests: from now on a tasklet of this stack is saved as soon as it has given the processor away, though
// nobody needs the place, and its bytes are overwritten. So a pointer into the stack that somebody should not
// follow shows the first time. Takes a poller. Contexts: tasklet, boot.
void stack_swap_always(struct stack *s);

// ---- For wait.c, service.c and the ports; a program without shared stacks links none of it ----

// The running tasklet, which is a shared one, is about to wait in q: is it promised what saving it can take? If
// so, addresses for others to copy to and from are marked as such.
bool shared_stack_may_wait(struct tasklet *t, const struct waitq *q) __attribute__((weak));

// Will shared_stack_may_wait() say so, in a call of the caller's that is not deeper than `more` bytes?
bool shared_stack_would_wait(const struct tasklet *t, size_t more) __attribute__((weak));

// Copy to or from an address that `other` has given: see copy.h. Wherever it lies, and marked or not.
void rendezvous_put(void *to, const void *from, size_t size, struct waiter *other);
void rendezvous_get(void *to, const void *from, size_t size, struct waiter *other);

// Called by the port on the scheduler's stack: the running tasklet was switched to, and is not on its stack.
// Puts it there. Returns whom to go on with.
struct tasklet *stack_swap_in(void);

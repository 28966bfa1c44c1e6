// SPDX-License-Identifier: MIT
//
// Shared stacks: who lies on one, who is saved, and what others copy from and to those who are.
#include "kernel/shared_stack.h"

#include <string.h>

#include "kernel/defer.h"
#include "kernel/panic.h"
#include "kernel/poller.h"
#include "kernel/spawn.h"
#include "kernel/stack.h"
#include "kernel/switch.h"

enum { RESERVE = SHARED_RESERVE / SAVE_CHUNK };

static struct stack *used; // all, by their member `next`

static struct shared_tasklet *shared(const struct tasklet *t)
{
    return (struct shared_tasklet *)(uintptr_t)t;
}

static bool holds(const struct stack *s, uintptr_t address)
{
    return address - (uintptr_t)s->base < s->size;
}

// ---- Promises ----

// So many chunks from now on instead of what it was promised before; the reserve at least. False: there are
// not as many, and all is as it was.
static inline bool grant(struct shared_tasklet *t, size_t chunks)
{
    struct save_area *a = t->stack->area;
    unsigned want = RESERVE;

    if (chunks > want) {
        want = (unsigned)chunks;
    }
    unsigned spare = (unsigned)a->spare + t->granted;

    if (want > spare) {
        return false;
    }
    a->spare = (uint16_t)(spare - want);
    if (a->spare < a->least) {
        a->least = a->spare;
    }
    t->granted = (uint16_t)want;
    return true;
}

// How many chunks a stack takes whose pointer stands so many bytes below that of who has called the function that
// this is used in.
#define CHUNKS_FROM_CALLER(s, below)                                                               \
    SAVE_CHUNKS((uintptr_t)(s)->top - (uintptr_t)__builtin_dwarf_cfa() + (below))

// ---- To wait ----

// Marked are only aligned addresses: the others are no short copies anyway.
static void mark(const struct stack *s, void **data)
{
    uintptr_t address = (uintptr_t)*data;

    if (holds(s, address) && address % sizeof(uint32_t) == 0) {
        *data = (void *)~address;
    }
}

// Nobody would find it there, once it is saved.
static void refuse_foreign(const struct stack *own, const void *data)
{
    for (const struct stack *s = used; s != NULL; s = s->next) {
        ASSERT(s == own || !holds(s, (uintptr_t)data),
               "a tasklet waits with an address on a stack that others share");
    }
}

// Its waiters stand in queues by now, so whoever fails here does not end alone.
static void mark_all(const struct stack *s, struct wait_set *set)
{
    no_switch_begin();
    ASSERT(!holds(s, (uintptr_t)set) && !holds(s, (uintptr_t)set->waiters),
           "wait_any: the set, or its waiters, lie on a shared stack");
    for (size_t i = 0; i < set->count; i++) {
        refuse_foreign(s, set->waiters[i].waiter.data);
        mark(s, &set->waiters[i].waiter.data);
    }
    no_switch_end();
}

bool shared_stack_may_wait(struct tasklet *t, const struct waitq *q)
{
    struct shared_tasklet *self = shared(t);
    struct stack *s = self->stack;

    ASSERT(!holds(s, (uintptr_t)q), "a tasklet waits in a queue that lies on its shared stack");
    if (!grant(self, CHUNKS_FROM_CALLER(s, ARCH_SWITCH_DEPTH))) {
        return false;
    }
    if (q == &wait_several) {
        mark_all(s, t->waiter.data);
    } else {
        refuse_foreign(s, t->waiter.data);
        mark(s, &t->waiter.data);
    }
    return true;
}

bool shared_stack_would_wait(const struct tasklet *t, size_t more)
{
    const struct shared_tasklet *self = shared(t);
    size_t chunks = CHUNKS_FROM_CALLER(self->stack, ARCH_SWITCH_DEPTH + more);

    return chunks <= (size_t)self->granted + self->stack->area->spare;
}

// ---- To be saved, and to come back ----

static inline size_t chunks_of(const struct stack *s, const void *sp)
{
    return SAVE_CHUNKS((uintptr_t)s->top - (uintptr_t)sp);
}

// It needs more than it was promised, or less. Only one that has yielded can find no room.
static bool __attribute__((noinline)) settle(struct shared_tasklet *t, size_t chunks)
{
    if (grant(t, chunks)) {
        return true;
    }
    if (t->tasklet.queue != NULL) {
        sched.no_switch++; // not a failure of the running tasklet's
        panic("shared stack: a tasklet that waits needs more than ARCH_SWITCH_DEPTH says");
    }
    return false;
}

static inline bool swap_out(struct stack *s, struct shared_tasklet *t)
{
    void *sp = t->tasklet.sp;
    size_t chunks = chunks_of(s, sp);

    bool other = chunks > t->granted || (chunks < t->granted && t->granted > RESERVE);

    if (other && !settle(t, chunks)) {
        return false;
    }
    t->first = save_area_take(s->area, sp, chunks);
    t->sp = sp;
    t->tasklet.sp = arch_swapped_out();
    return true;
}

static inline void swap_in(struct stack *s, struct shared_tasklet *t)
{
    if (t->first == SHARED_FRESH) {
        t->tasklet.sp = arch_stack_init(s->base, s->top, t->fn);
    } else {
        save_area_give(s->area, t->first, t->sp, chunks_of(s, t->sp));
        t->tasklet.sp = t->sp;
    }
    s->resident = t;
    if (s->swap_always != NULL) {
        poller_kick(s->swap_always);
    }
}

// The resident keeps its place, and t has no turn: who comes after it has, in the end the resident itself. If
// that one is of another level, it goes on at once, and the next switch asks for the highest level again.
static struct tasklet *pass_over(struct tasklet *t, struct tasklet *resident)
{
    struct tasklet *next = tasklet_successor(t);

    *sched.running = next;
    if (resident->waiter.level != t->waiter.level) {
        next = resident;
        sched.running = &sched_ring[resident->waiter.level];
        *sched.running = resident;
        sched.attention = &sched_higher;
    }
    HOOK_IN(next);
    return next;
}

struct tasklet *stack_swap_in(void)
{
    struct shared_tasklet *t = shared(sched_current());
    struct stack *s = t->stack;

    if (s->resident != NULL && !swap_out(s, s->resident)) {
        return pass_over(&t->tasklet, &s->resident->tasklet);
    }
    swap_in(s, t);
    return &t->tasklet;
}

// ---- Begin and end ----

// Runs last of all that a tasklet has deferred: from here on it does not wait.
static void leave(void *unused)
{
    struct shared_tasklet *self = shared(sched_current());

    (void)unused;
    self->stack->resident = NULL;
    self->stack->area->spare = (uint16_t)(self->stack->area->spare + self->granted);
    self->granted = 0;
}

static void prepare(struct stack *s)
{
    uintptr_t end = (uintptr_t)s->base + s->size - SAVE_CHUNK;

    s->top = (unsigned char *)(end & ~(uintptr_t)(ARCH_STACK_ALIGN - 1));
    stack_paint(s->base, s->top);
    s->next = used;
    used = s;
    save_area_prepare(s->area);
}

struct tasklet *tasklet_spawn_on(struct stack *s, const char *name, void (*fn)(void *), void *arg,
                                 struct shared_tasklet *t)
{
    static struct defer at_end = { .fn = leave }; // the last record of each: nothing in it changes

    ASSERT(s != NULL && s->area != NULL && fn != NULL && t != NULL, "tasklet_spawn_on: NULL");
    ASSERT(!arch_in_interrupt(), "tasklet_spawn_on: called from an interrupt");
    ASSERT(!on_shared_stack(t), "tasklet_spawn_on: the control block lies on a shared stack");
    if (s->top == NULL) {
        prepare(s);
    }
    t->stack = s;
    t->granted = 0;
    if (!grant(t, 0)) {
        return NULL;
    }
    t->fn = fn;
    t->first = SHARED_FRESH;
    tasklet_set_up(&t->tasklet, name, arg, s->base);
    t->tasklet.waiter.flags = TASKLET_SHARED;
    t->tasklet.sp = arch_swapped_out();
    hook_guard_spawn(&t->tasklet, s->base);
    defer_for(&t->tasklet, &at_end);
    tasklet_start(&t->tasklet);
    return &t->tasklet;
}

void stack_init(struct stack *s, void *memory, size_t size, struct save_area *area)
{
    uintptr_t align = TASKLET_ALIGN;
    uintptr_t base = ((uintptr_t)memory + align - 1) & ~(align - 1);
    size_t lost = base - (uintptr_t)memory;

    ASSERT(s != NULL && memory != NULL && area != NULL && size >= lost + STACK_SIZE_MIN,
           "stack_init: NULL, or less memory than STACK_SIZE_MIN");
    *s = (struct stack){ .base = (unsigned char *)base, .size = size - lost, .area = area };
}

// ---- What others copy ----

// The address that `other` has given, as a number; *saved: it is to be looked for among its chunks.
static uintptr_t find(struct waiter *other, const void *given, const struct shared_tasklet **saved)
{
    const struct tasklet *t = waiter_tasklet(other);
    const struct stack *own = NULL;
    uintptr_t address = (uintptr_t)given;

    *saved = NULL;
    if ((t->waiter.flags & TASKLET_SHARED) != 0) {
        const struct shared_tasklet *one = shared(t);

        own = one->stack;
        if (holds(own, ~address)) {
            address = ~address;
        }
        if (holds(own, address) && own->resident != one) {
            ASSERT(address >= (uintptr_t)one->sp,
                   "an address on a shared stack, below its tasklet's stack pointer");
            *saved = one;
        }
    }
    refuse_foreign(own, (const void *)address);
    return address;
}

void rendezvous_put(void *to, const void *from, size_t size, struct waiter *other)
{
    const struct shared_tasklet *saved;
    uintptr_t address = find(other, to, &saved);

    if (saved == NULL) {
        memcpy((void *)address, from, size);
    } else {
        save_area_write(saved->stack->area, saved->first, address - (uintptr_t)saved->sp, from,
                        size);
    }
}

void rendezvous_get(void *to, const void *from, size_t size, struct waiter *other)
{
    const struct shared_tasklet *saved;
    uintptr_t address = find(other, from, &saved);

    if (saved == NULL) {
        memcpy(to, (const void *)address, size);
    } else {
        save_area_read(saved->stack->area, saved->first, address - (uintptr_t)saved->sp, to, size);
    }
}

// ---- To find pointers that show what others follow ----

static void poll(struct poller *self)
{
    for (struct stack *s = used; s != NULL; s = s->next) {
        struct shared_tasklet *t = s->swap_always == self ? s->resident : NULL;

        if (t != NULL && swap_out(s, t)) {
            s->resident = NULL;
            stack_poison(t->sp, s->top);
        }
    }
}

void stack_swap_always(struct stack *s)
{
    static struct poller poller = POLLER_INIT(poll);

    if (poller.index == 0) {
        poller_register(&poller);
    }
    s->swap_always = &poller;
}

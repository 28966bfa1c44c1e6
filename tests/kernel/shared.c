// SPDX-License-Identifier: MIT
#include "tests/kernel/shared.h"

#include <errno.h>

SAVE_AREA(area, SHARED_AREA);
STACK(stack, SHARED_DEPTH, &area);
STACK(other_stack, SHARED_DEPTH, &area);
struct shared_tasklet talks[TALKS];
struct semaphore sem = SEMAPHORE_INIT(sem, "sem", 0);

static struct shared_tasklet spoiler;

// ---- Tasklets ----

struct tasklet *talk_on(struct stack *s, unsigned i, const char *name, void (*fn)(void *),
                        void *arg)
{
    struct tasklet *t = tasklet_spawn_on(s, name, fn, arg, &talks[i]);

    CHECK(t == &talks[i].tasklet);
    return t;
}

struct tasklet *talk(unsigned i, const char *name, void (*fn)(void *), void *arg)
{
    return talk_on(&stack, i, name, fn, arg);
}

// Somewhere: NULL is a stack of its own.
void start_on(struct stack *s, unsigned i, void (*fn)(void *))
{
    if (s == NULL) {
        worker("own", fn, NULL);
    } else {
        talk_on(s, i, "shared", fn, NULL);
    }
    tasklet_yield();
}

int end_of(struct tasklet *t)
{
    return tasklet_join(t, after_ms(20000));
}

void wait_for_talks(unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        if (talks[i].tasklet.waiter.ended == TASKLET_EXITED || talks[i].granted > 0) {
            CHECK_IS(end_of(&talks[i].tasklet), 0);
        }
    }
    workers_join();
}

void all_is_given_back(void)
{
    CHECK_IS(area.spare, area.count);
    CHECK(stack.resident == NULL && other_stack.resident == NULL);
}

void step_result(int result)
{
    step(result == -ECANCELED ? CANCELLED : result == -ETIMEDOUT ? TIMED_OUT : result);
}

// ---- What makes others be saved ----

static void fill_stack(void *unused)
{
    volatile unsigned char junk[SHARED_DEPTH / 2];

    (void)unused;
    for (size_t i = 0; i < sizeof junk; i++) {
        junk[i] = 0xA5;
    }
}

void spoil(struct stack *s)
{
    CHECK(tasklet_spawn_on(s, "spoiler", fill_stack, NULL, &spoiler) != NULL);
    end_of(&spoiler.tasklet);
}

void spoil_both(void)
{
    spoil(&stack);
    spoil(&other_stack);
}

// ---- Locals that must stay as they are ----

void keep(struct kept *k, uint32_t seed)
{
    for (unsigned i = 0; i < KEPT; i++) {
        k->words[i] = (seed + i) * 2654435761u;
    }
}

bool is_kept(const struct kept *k, uint32_t seed)
{
    for (unsigned i = 0; i < KEPT; i++) {
        if (k->words[i] != (seed + i) * 2654435761u) {
            return false;
        }
    }
    return true;
}

// Calls fn(arg) from `depth` frames further down, which keep their locals.
void __attribute__((noinline)) below(unsigned depth, void (*fn)(void *), void *arg)
{
    struct kept here;

    keep(&here, depth);
    if (depth == 0) {
        fn(arg);
    } else {
        below(depth - 1, fn, arg);
    }
    CHECK(is_kept(&here, depth));
}

// ---- What tasklets do in more than one suite ----

void nothing(void *unused)
{
    (void)unused;
}

void three_turns(void *arg)
{
    struct kept here;

    keep(&here, (uint32_t)NUMBER(arg));
    for (int i = 0; i < 3; i++) {
        step(NUMBER(arg));
        tasklet_yield();
        CHECK(is_kept(&here, (uint32_t)NUMBER(arg)));
    }
}

void take_three(void *unused)
{
    (void)unused;
    for (int i = 0; i < 3; i++) {
        semaphore_take(&sem, FOREVER);
        step(i);
    }
}

void take_in_reserve(void *unused)
{
    (void)unused;
    step(semaphore_take(&sem, FOREVER));
}

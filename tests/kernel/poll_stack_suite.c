// SPDX-License-Identifier: MIT
//
// Calls on the scheduler's stack: they return, they nest, and the caller's stack does not feel them.
#include "kernel/poll_stack.h"

#include "tests/kernel/suite.h"

enum { DEEP = 200, ON_HOST = ARCH_STACK_MIN > 10000 }; // bytes; a process has stack enough anyway

static uintptr_t address_of_local(volatile char *local)
{
    return (uintptr_t)local;
}

static bool on_stack_of(const struct tasklet *t, uintptr_t address)
{
    return address >= (uintptr_t)t->base && address < (uintptr_t)t;
}

static intptr_t deep(void *arg)
{
    volatile char room[DEEP];
    int *calls = arg;

    for (unsigned i = 0; i < DEEP; i++) {
        room[i] = (char)i;
    }
    (*calls)++;
    CHECK(!on_stack_of(tasklet_self(), address_of_local(room)) || ON_HOST);
    return room[100];
}

static intptr_t nested(void *arg)
{
    intptr_t sum = on_poll_stack(deep, arg) + on_poll_stack(deep, arg);

    CHECK_IS(sched.on_poll_stack, 1);
    return sum;
}

static void the_result_comes_back(void)
{
    int calls = 0;

    CHECK_IS(on_poll_stack(deep, &calls), 100);
    CHECK_IS(on_poll_stack(nested, &calls), 200);
    CHECK_IS(calls, 3);
    CHECK_IS(sched.on_poll_stack, 0);
}

static intptr_t computes(void *arg)
{
    return *(int *)arg * 3;
}

static void call_often(void *number)
{
    int mine = NUMBER(number);

    for (int i = 0; i < 50; i++) {
        int expected = mine * 1000 + i;

        CHECK_IS(on_poll_stack(computes, &expected), expected * 3);
        tasklet_yield();
    }
}

static void several_take_turns(void)
{
    for (int i = 1; i <= 3; i++) {
        worker("caller", call_often, ARG(i));
    }
    workers_join();
}

static void use_little(void *unused)
{
    int calls = 0;

    (void)unused;
    for (int i = 0; i < 10; i++) {
        CHECK_IS(on_poll_stack(deep, &calls), 100);
    }
    note_number("calls", calls);
}

static void the_callers_stack_stays_shallow(void)
{
    struct tasklet *t = worker("shallow", use_little, NULL);
    size_t used;

    tasklet_yield();
    used = tasklet_stack_used(t);
    worker_join(t);
    CHECK_TRACE("calls10");
    CHECK(used < ARCH_STACK_MIN + DEEP);
}

static intptr_t check_no_tasklet(void *arg)
{
    (void)arg;
    CHECK_IS(sched.on_poll_stack, 0);
    return tasklet_self() == NULL;
}

static void timer_fired(struct timer *t)
{
    (void)t;
    CHECK_IS(on_poll_stack(check_no_tasklet, NULL), 1);
    note("fired");
}

static void in_poll_context_it_is_a_plain_call(void)
{
    static struct timer timer = TIMER_INIT(timer_fired);

    timer_arm(&timer, suite_soon());
    sleep_ms(200);
    CHECK_TRACE("fired");
}

int main(void)
{
    static const struct suite_case cases[] = {
        CASE(the_result_comes_back),
        CASE(several_take_turns),
        CASE(the_callers_stack_stays_shallow),
        CASE(in_poll_context_it_is_a_plain_call),
    };

    SUITE_RUN("poll_stack", cases);
}

// SPDX-License-Identifier: MIT
//
// Shared stacks: failures. Each ends one tasklet, and leaves the stack to the others.
#include "kernel/shared_stack.h"

#include <errno.h>
#include <string.h>

#include "kernel/chan.h"
#include "kernel/defer.h"
#include "kernel/group.h"
#include "kernel/poller.h"
#include "kernel/service.h"
#include "kernel/timer.h"
#include "kernel/wait.h"
#include "tests/kernel/shared.h"

static CHAN(words, uint32_t, 0);
static SERVICE(doubling, int, int);
static GROUP(crew, "crew");
static uint32_t word;

static struct defer record;

static void say(void *token)
{
    note(token);
}

static void fail(void *unused)
{
    (void)unused;
    defer(&record, say, "clean");
    panic("shared_failure: a failure of our own");
}

static void queue_on_stack(void *unused)
{
    struct waitq q;

    (void)unused;
    waitq_init(&q, "q");
}

static void queue_made_by_hand(void *unused)
{
    struct semaphore s = SEMAPHORE_INIT(s, "s", 0);

    (void)unused;
    semaphore_take(&s, FOREVER);
}

static void never(struct timer *t)
{
    (void)t;
}

static void timer_on_stack(void *unused)
{
    struct timer t = TIMER_INIT(never);

    (void)unused;
    timer_arm(&t, after_ms(1000));
}

static void idle(struct poller *p)
{
    (void)p;
}

static void poller_on_stack(void *unused)
{
    struct poller p = POLLER_INIT(idle);

    (void)unused;
    poller_register(&p);
}

static void set_on_stack(void *unused)
{
    struct wait_set set;

    (void)unused;
    wait_set_begin(&set, NULL, 0);
}

static void waiters_on_stack(void *unused)
{
    static struct wait_set set;
    struct set_waiter waiters[1];

    (void)unused;
    wait_set_begin(&set, waiters, 1);
}

static void call_on_stack(void *unused)
{
    struct call c = { .link = { NULL, NULL } };
    int number;

    (void)unused;
    service_recv(&doubling, &number, &c, FOREVER);
}

static void record_on_stack(void *unused)
{
    struct defer d;

    (void)unused;
    defer(&d, say, "no");
}

static void block_on_stack(void *unused)
{
    struct shared_tasklet t;

    (void)unused;
    tasklet_spawn_on(&stack, "inner", nothing, NULL, &t);
}

static void foreign_element(void *unused)
{
    (void)unused;
    chan_send(&words, other_stack.base + other_stack.size / 2, FOREVER);
}

static void failures_end_one(void)
{
    static void (*const bad[])(void *) = {
        fail,           queue_on_stack,   queue_made_by_hand, timer_on_stack,  poller_on_stack,
        set_on_stack,   waiters_on_stack, call_on_stack,      record_on_stack, block_on_stack,
        foreign_element
    };

    talk(1, "B", take_in_reserve, NULL);
    tasklet_yield();
    talk_on(&other_stack, 2, "C", nothing, NULL); // both stacks are in use
    for (unsigned i = 0; CONFIG_ASSERT && i < sizeof bad / sizeof bad[0]; i++) {
        group_add(&crew, talk(0, "A", bad[i], NULL));
        CHECK_IS(group_join(&crew, FOREVER), -EFAULT);
        const char *why = tasklet_failure(&talks[0].tasklet);

        CHECK(why != NULL && strstr(why, i == 0 ? "our own" : "share") != NULL);
        CHECK(stack.resident == NULL);
    }
    semaphore_give(&sem);
    CHECK_IS(end_of(&talks[1].tasklet), 0);
    CHECK_IS(end_of(&talks[2].tasklet), 0);
    CHECK_TRACE(CONFIG_ASSERT ? "clean B0" : "B0");
    all_is_given_back();
}

static void send_from_below(void *unused)
{
    (void)unused;
    chan_send(&words, stack.base + ARCH_GUARD_SIZE, FOREVER);
}

static void receive_it(void *unused)
{
    (void)unused;
    chan_recv(&words, &word, FOREVER);
}

static void whoever_receives_fails(const char *sentence)
{
    tasklet_yield();
    group_add(&crew, talk(0, "A", receive_it, NULL));
    CHECK_IS(group_join(&crew, FOREVER), -EFAULT);
    const char *why = tasklet_failure(&talks[0].tasklet);

    CHECK(why != NULL && strcmp(why, sentence) == 0);
}

// What a saved tasklet waits with lies where it has nothing: whoever looks for it finds out.
static void below_the_stack_pointer(void)
{
    if (CONFIG_ASSERT) {
        talk(1, "B", send_from_below, NULL);
        whoever_receives_fails("an address on a shared stack, below its tasklet's stack pointer");
        tasklet_cancel(&talks[1].tasklet);
        CHECK_IS(end_of(&talks[1].tasklet), 0);
        all_is_given_back();
    }
}

static void send_foreign(void *unused)
{
    (void)unused;
    chan_send(&words, stack.base + stack.size / 2 + 1, FOREVER); // no short copy
}

// Nobody looks at what a tasklet with a stack of its own waits with, until it is copied.
static void foreign_element_of_one_with_its_own_stack(void)
{
    if (CONFIG_ASSERT) {
        struct tasklet *t = worker("B", send_foreign, NULL);

        whoever_receives_fails("a tasklet waits with an address on a stack that others share");
        tasklet_cancel(t);
        all_is_given_back();
    }
}

static void close_doubling(void *unused)
{
    (void)unused;
    service_close(&doubling);
}

static void answer_it(void *unused)
{
    static struct call call;
    int number;

    (void)unused;
    defer(&record, close_doubling, NULL);
    CHECK_IS(service_recv(&doubling, &number, &call, FOREVER), 0);
    service_reply(&call, &number);
}

static void ask_for_a_foreign_answer(void *unused)
{
    int number = 1;

    (void)unused;
    CHECK_IS(service_call(&doubling, &number, stack.base + stack.size / 2, FOREVER), -EPIPE);
    step(1);
}

// A reply that cannot be copied is none: the call is still open when its server ends.
static void foreign_reply(void)
{
    if (CONFIG_ASSERT) {
        talk_on(&other_stack, 1, "B", ask_for_a_foreign_answer, NULL);
        tasklet_yield();
        group_add(&crew, talk(0, "A", answer_it, NULL));
        CHECK_IS(group_join(&crew, FOREVER), -EFAULT);
        CHECK_IS(end_of(&talks[1].tasklet), 0);
        CHECK_TRACE("B1");
        all_is_given_back();
    }
}

// Of a set it is what is waited with that counts.
static void wait_with_the_first(void *unused)
{
    static struct waitq q = WAITQ_INIT(q, "q");
    static struct set_waiter waiters[2];
    static struct wait_set set;

    (void)unused;
    wait_set_begin(&set, waiters, 1);
    waiter_add(&set, 0, &q, NULL);
    waiters[1].waiter.data = other_stack.base;
    step_result(wait_any(&set, "shared_failure", suite_soon()));
}

static void rest_of_a_set(void)
{
    talk_on(&other_stack, 1, "B", nothing, NULL);
    talk(0, "A", wait_with_the_first, NULL);
    wait_for_talks(2);
    CHECK_TRACE("A8");
}

static unsigned __attribute__((noinline)) descend(unsigned n)
{
    volatile unsigned here[4] = { n };

    return n == 0 ? 0 : descend(n - 1) + here[0];
}

static void overflow(void *unused)
{
    (void)unused;
    defer(&record, say, "clean");
    descend(1000000);
}

#if defined(__linux__)
enum { REPORTS_OVERFLOWS = ARCH_GUARD_SIZE != 0 };
#elif defined(__ARM_ARCH_6M__)
enum { REPORTS_OVERFLOWS = 0 };
#else
enum { REPORTS_OVERFLOWS = CONFIG_GUARD && CONFIG_ASSERT };
#endif

static void overflow_ends_one(void)
{
    talk(1, "B", take_in_reserve, NULL);
    tasklet_yield();
    for (int i = 0; REPORTS_OVERFLOWS && i < 3; i++) {
        group_add(&crew, talk(0, "A", overflow, NULL));
        CHECK_IS(group_join(&crew, FOREVER), -EFAULT);
        CHECK_TRACE("clean");
        CHECK(strcmp(tasklet_failure(&talks[0].tasklet), "stack overflow") == 0);
    }
    semaphore_give(&sem);
    CHECK_IS(end_of(&talks[1].tasklet), 0);
    CHECK_TRACE("B0");
    all_is_given_back();
}

int main(void)
{
    static const struct suite_case cases[] = {
        CASE(failures_end_one),
        CASE(below_the_stack_pointer),
        CASE(foreign_element_of_one_with_its_own_stack),
        CASE(foreign_reply),
        CASE(rest_of_a_set),
        CASE(overflow_ends_one),
    };

    SUITE_RUN("shared_failure", cases);
}

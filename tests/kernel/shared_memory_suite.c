// SPDX-License-Identifier: MIT
//
// Shared stacks: memory that runs out, and failures.
#include "kernel/shared_stack.h"

#include <errno.h>
#include <string.h>

#include "kernel/chan.h"
#include "kernel/defer.h"
#include "kernel/group.h"
#include "kernel/mutex.h"
#include "kernel/oneshot.h"
#include "kernel/pool.h"
#include "kernel/select.h"
#include "kernel/service.h"
#include "kernel/signal.h"
#include "tests/kernel/shared.h"

static struct mutex mutex = MUTEX_INIT(mutex, "mutex");
static struct oneshot oneshot = ONESHOT_INIT(oneshot, "oneshot");
static struct signal sig = SIGNAL_INIT(sig, "sig");
static POOL(pool, uint64_t, 1);
static CHAN(words, uint32_t, 0);
static SERVICE(doubling, int, int);
static SERVICE(sums, int, int);
static struct call call;
static GROUP(crew, "crew");
static uint32_t word;
static void *the_block;

// ---- Memory that runs out ----

static unsigned spare_before;

// As if others had it all: what is left is everybody's reserve.
static void take_all(void)
{
    spare_before = area.spare;
    area.spare = 0;
}

static void give_all(void)
{
    area.spare = (uint16_t)(area.spare + spare_before);
}

// From where the reserve is not enough for a wait or a yield.
static void __attribute__((noinline)) below_reserve(void (*fn)(void *), void *arg)
{
    struct kept here;

    keep(&here, 6);
    if ((uintptr_t)stack.top - (uintptr_t)__builtin_frame_address(0) < SHARED_RESERVE) {
        below_reserve(fn, arg);
    } else {
        fn(arg);
    }
    CHECK(is_kept(&here, 6));
}

static void refuse_all(void *unused)
{
    static uint32_t words_to_send[2] = { 1, 2 };
    static struct selector selector;
    struct select_case cases[] = { SELECT_RECV(&words, &words_to_send[0]) };
    intptr_t value = 0;
    void *block = NULL;
    int number = 3;

    (void)unused;
    take_all();
    CHECK_IS(semaphore_take(&sem, FOREVER), -ENOMEM);
    CHECK_IS(mutex_lock(&mutex, FOREVER), -ENOMEM);
    CHECK_IS(oneshot_wait(&oneshot, &value, FOREVER), -ENOMEM);
    CHECK_IS(pool_wait(&pool, &block, FOREVER), -ENOMEM);
    CHECK_IS(signal_wait(&sig, FOREVER), -ENOMEM);
    CHECK_IS(chan_send(&words, &words_to_send[0], FOREVER), -ENOMEM);
    CHECK_IS(chan_send_sequence(&words, words_to_send, 2, FOREVER), -ENOMEM);
    CHECK_IS(chan_recv(&words, &words_to_send[0], FOREVER), -ENOMEM);
    CHECK_IS(chan_select(cases, 1, FOREVER), -ENOMEM);
    CHECK_IS(chan_select_with(&selector, cases, 1, after_ms(1)), -ENOMEM);
    CHECK_IS(service_call(&doubling, &number, &number, FOREVER), -ENOMEM);
    CHECK_IS(service_recv(&sums, &number, &call, FOREVER), -ENOMEM);
    CHECK_IS(sleep_ms(1), -ENOMEM);
    CHECK_IS(tasklet_join(&talks[1].tasklet, FOREVER), -ENOMEM);
    CHECK_IS(semaphore_take(&sem, NOWAIT), -EAGAIN);
    tasklet_cancel(tasklet_self());
    CHECK_IS(semaphore_take(&sem, FOREVER), -ECANCELED);
    give_all();
    CHECK_IS(sleep_ms(1), 0);
}

static void refuse_below(void *unused)
{
    (void)unused;
    below_reserve(refuse_all, NULL);
}

static void receive_doubling(void *unused)
{
    int number = 0;

    (void)unused;
    step_result(service_recv(&doubling, &number, &call, FOREVER));
}

// Every call at a depth that the reserve is not enough for; what it waits for is as if it was not made.
static void refused_calls_do_nothing(void)
{
    mutex_lock(&mutex, FOREVER);
    oneshot_init(&oneshot, "oneshot");
    the_block = pool_alloc(&pool);
    worker("server", receive_doubling, NULL);
    tasklet_yield();
    talk(1, "B", take_three, NULL);
    talk(0, "A", refuse_below, NULL);
    CHECK_IS(end_of(&talks[0].tasklet), 0);
    CHECK(!waitq_empty(&doubling.servers) && list_empty(&doubling.open));
    CHECK(waitq_empty(&mutex.waiting) && waitq_empty(&words.waiting) && waitq_empty(&sums.servers));
    CHECK(waitq_empty(&oneshot.waiting) && waitq_empty(&pool.waiting) && waitq_empty(&sig.waiting));
    CHECK_IS(chan_send(&words, &word, NOWAIT), -EAGAIN);
    mutex_unlock(&mutex);
    pool_free(&pool, the_block);
    tasklet_cancel(&talks[1].tasklet);
    semaphore_give(&sem);
    semaphore_give(&sem);
    service_close(&doubling);
    wait_for_talks(2);
    service_init(&doubling, "doubling", sizeof(int), sizeof(int));
    CHECK_TRACE("B0 B1 B2 server-32");
    all_is_given_back();
}

// Nobody is short of the reserve; nobody begins without one.
static void reserve(void)
{
    take_all();
    CHECK(tasklet_spawn_on(&stack, "none", nothing, NULL, &talks[2]) == NULL);
    area.spare = 2 * SHARED_RESERVE / SAVE_CHUNK;
    spare_before -= area.spare;
    talk(0, "A", take_in_reserve, NULL);
    talk(1, "B", take_in_reserve, NULL);
    CHECK(tasklet_spawn_on(&stack, "none", nothing, NULL, &talks[2]) == NULL);
    tasklet_yield();
    CHECK_IS(tasklet_state(&talks[0].tasklet), TASKLET_WAITING);
    CHECK_IS(tasklet_state(&talks[1].tasklet), TASKLET_WAITING);
    CHECK_IS(area.spare, 0);
    semaphore_give(&sem);
    semaphore_give(&sem);
    wait_for_talks(2);
    CHECK_TRACE("A0 B0");
    give_all();
    all_is_given_back();
}

static void wait_deep(void *result)
{
    *(int *)result = semaphore_take(&sem, FOREVER);
}

static void wait_below(void *result)
{
    below(12, wait_deep, result);
}

// As many wait as fit. On the host all do: there the reserve is deeper than they are.
static void full_area(void)
{
    static int results[TALKS];
    unsigned waiting = 0;
    uint16_t held =
        (uint16_t)(area.spare - (TALKS * SHARED_RESERVE + SHARED_DEPTH / 2) / SAVE_CHUNK);

    area.spare = (uint16_t)(area.spare - held);
    for (unsigned i = 0; i < TALKS; i++) {
        results[i] = 1;
        talk(i, "A", wait_below, &results[i]);
    }
    tasklet_yield();
    for (unsigned i = 0; i < TALKS; i++) {
        waiting += tasklet_state(&talks[i].tasklet) == TASKLET_WAITING;
        CHECK_IS(results[i], tasklet_state(&talks[i].tasklet) == TASKLET_WAITING ? 1 : -ENOMEM);
    }
    CHECK(waiting > 0 && (waiting < TALKS || (int)SHARED_RESERVE > (int)SHARED_DEPTH));
    for (unsigned i = 0; i < waiting; i++) {
        semaphore_give(&sem);
    }
    area.spare = (uint16_t)(area.spare + held);
    wait_for_talks(TALKS);
    all_is_given_back();
}

static void yield_without_room(void *level)
{
    if (NUMBER(level) != PRIORITY_NORMAL) {
        tasklet_set_priority(tasklet_self(), (unsigned)NUMBER(level));
    }
    take_all();
    step(1);
    tasklet_yield();
    step(2);
    tasklet_yield();
    step(3);
    give_all();
}

static void yield_deep(void *level)
{
    below_reserve(yield_without_room, level);
}

// A gives turns to C, which has a stack of its own, not to B.
static void yields_without_room(void)
{
    talk(0, "A", yield_deep, ARG(PRIORITY_NORMAL));
    talk(1, "B", three_turns, ARG(0));
    worker("C", three_turns, ARG(0));
    wait_for_talks(2);
    CHECK_TRACE("A1 C0 A2 C0 A3 B0 C0 B0 B0");
    talk(0, "A", yield_deep, ARG(PRIORITY_LOW)); // B is of a higher level
    talk(1, "B", three_turns, ARG(0));
    tasklet_yield();
    wait_for_talks(2);
    CHECK_TRACE("A1 A2 A3 B0 B0 B0");
    all_is_given_back();
}

// ---- Failures ----

static struct defer record;

static void say(void *token)
{
    note(token);
}

static void fail(void *unused)
{
    (void)unused;
    defer(&record, say, "clean");
    panic("shared_suite: a failure of our own");
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

static void set_on_stack(void *unused)
{
    struct wait_set set;

    (void)unused;
    wait_set_begin(&set, NULL, 0);
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
        fail,          queue_on_stack,  queue_made_by_hand, timer_on_stack, set_on_stack,
        call_on_stack, record_on_stack, block_on_stack,     foreign_element
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
        CASE(refused_calls_do_nothing), CASE(reserve),          CASE(full_area),
        CASE(yields_without_room),      CASE(failures_end_one), CASE(overflow_ends_one),
    };

    signal_register(&sig);
    SUITE_RUN("shared_memory", cases);
}

// SPDX-License-Identifier: MIT
//
// Shared stacks: turns, every call that waits, made by who is saved meanwhile, ends of waits, floating point.
#include "kernel/shared_stack.h"

#include <errno.h>

#include "kernel/chan.h"
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
static struct call call;
static GROUP(crew, "crew");

// ---- Turns ----

static void turns(void)
{
    talk(0, "A", three_turns, ARG(0));
    talk(1, "B", three_turns, ARG(1));
    talk_on(&other_stack, 2, "C", three_turns, ARG(2));
    worker("D", three_turns, ARG(3));
    CHECK_IS(end_of(&talks[0].tasklet), 0);
    CHECK_IS(end_of(&talks[1].tasklet), 0);
    CHECK_IS(end_of(&talks[2].tasklet), 0);
    workers_join();
    CHECK_TRACE("A0 B1 C2 D3 A0 B1 C2 D3 A0 B1 C2 D3");
    all_is_given_back();
}

static void yield_below(void *arg)
{
    tasklet_yield();
    step(NUMBER(arg));
    tasklet_yield();
}

static void up_and_down(void *arg)
{
    for (unsigned depth = 0; depth < 4; depth++) {
        below(depth * (unsigned)NUMBER(arg), yield_below, ARG((int)depth));
        below(4 - depth, yield_below, ARG(9));
    }
}

// Deep and shallow take turns: each lies where the other has been.
static void deep_and_shallow(void)
{
    talk(0, "A", up_and_down, ARG(1));
    talk(1, "B", up_and_down, ARG(0));
    CHECK_IS(end_of(&talks[0].tasklet), 0);
    CHECK_IS(end_of(&talks[1].tasklet), 0);
    CHECK_TRACE("A0 B0 A9 B9 A1 B1 A9 B9 A2 B2 A9 B9 A3 B3 A9 B9");
    CHECK(tasklet_stack_size(&talks[0].tasklet) >= SHARED_DEPTH);
    CHECK(tasklet_stack_used(&talks[0].tasklet) <= tasklet_stack_size(&talks[0].tasklet));
    CHECK(!CONFIG_PAINT || tasklet_stack_used(&talks[0].tasklet) > 4 * sizeof(struct kept));
    all_is_given_back();
}

// Who comes back to find its bytes in place moves none.
static void nothing_is_copied(void)
{
    talk(0, "A", take_three, NULL);
    tasklet_yield();
    for (int i = 0; i < 3; i++) {
        CHECK(stack.resident == &talks[0]);
        CHECK(talks[0].tasklet.sp != arch_swapped_out());
        CHECK_IS(talks[0].first, SHARED_FRESH);
        semaphore_give(&sem);
        tasklet_yield();
    }
    CHECK_IS(end_of(&talks[0].tasklet), 0);
    CHECK_TRACE("A0 A1 A2");
}

// ---- Every call ----

static void all_calls(void *unused)
{
    struct kept here;
    intptr_t value = 0;
    void *block = NULL;
    uint32_t word = 17;
    struct select_case cases[] = { SELECT_RECV(&words, &word) };
    int number = 21;

    (void)unused;
    keep(&here, 5);
    step(semaphore_take(&sem, FOREVER));
    step(mutex_lock(&mutex, FOREVER));
    mutex_unlock(&mutex);
    step(oneshot_wait(&oneshot, &value, FOREVER));
    CHECK_IS(value, 33);
    step(pool_wait(&pool, &block, FOREVER));
    CHECK(block != NULL);
    pool_free(&pool, block);
    step(signal_wait(&sig, FOREVER));
    step(chan_send(&words, &word, FOREVER));
    CHECK_IS(word, 17);
    step(chan_recv(&words, &word, FOREVER));
    CHECK_IS(word, 18);
    step(chan_select(cases, 1, FOREVER));
    CHECK_IS(cases[0].result, 0);
    CHECK_IS(word, 19);
    step(service_call(&doubling, &number, &number, FOREVER));
    CHECK_IS(number, 42);
    step(service_recv(&doubling, &number, &call, FOREVER));
    CHECK_IS(number, 7);
    number *= 2;
    CHECK_IS(service_reply(&call, &number), 0);
    step(sleep_until(suite_soon()));
    step(group_join(&crew, FOREVER));
    CHECK(is_kept(&here, 5));
    tasklet_exit(4);
}

static uint32_t word;
static void *the_block;

static void free_block(void)
{
    pool_free(&pool, the_block);
}

static void give(void)
{
    semaphore_give(&sem);
}

static void unlock(void)
{
    mutex_unlock(&mutex);
}

static void fire(void)
{
    oneshot_fire(&oneshot, 33);
}

static void raise_it(void)
{
    signal_raise(&sig);
    sleep_until(after_us(1)); // its poller has a turn
}

static void receive_word(void)
{
    CHECK_IS(chan_recv(&words, &word, NOWAIT), 0);
    CHECK_IS(word, 17);
}

static void send_word(void)
{
    word++;
    CHECK_IS(chan_send(&words, &word, NOWAIT), 0);
}

static void serve(void)
{
    int number = 0;

    CHECK_IS(service_recv(&doubling, &number, &call, FOREVER), 0);
    CHECK_IS(number, 21);
    number *= 2;
    spoil(&stack);
    CHECK_IS(service_reply(&call, &number), 0);
}

static void ask(void)
{
    int number = 7;

    CHECK_IS(service_call(&doubling, &number, &number, FOREVER), 0);
    CHECK_IS(number, 14);
}

static void wait_for_time(void)
{
    sleep_until(suite_soon());
}

static void every_call(void)
{
    static void (*const wakes[])(void) = { give,     unlock,       fire,         free_block,
                                           raise_it, receive_word, send_word,    send_word,
                                           serve,    ask,          wait_for_time };

    mutex_lock(&mutex, FOREVER);
    the_block = pool_alloc(&pool);
    oneshot_init(&oneshot, "oneshot");
    talk(0, "A", all_calls, NULL);
    for (unsigned i = 0; i < sizeof wakes / sizeof wakes[0]; i++) {
        tasklet_yield();
        CHECK_IS(tasklet_state(&talks[0].tasklet), TASKLET_WAITING);
        spoil(&stack);
        CHECK(stack.resident == NULL);
        wakes[i]();
    }
    CHECK_IS(end_of(&talks[0].tasklet), 4);
    CHECK_TRACE("A0 A0 A0 A0 A0 A0 A0 A0 A0 A0 A0 A0");
    all_is_given_back();
}

// ---- Ends of waits ----

static void take_and_tell(void *deadline)
{
    struct kept here;
    const deadline_t *d = deadline;

    keep(&here, 8);
    step_result(semaphore_take(&sem, *d));
    CHECK(is_kept(&here, 8));
    tasklet_shield();
    step(sleep_until(suite_soon()));
    tasklet_unshield();
    CHECK(is_kept(&here, 8));
    tasklet_exit(6);
}

static void cancelled_and_timed_out(void)
{
    static deadline_t forever, soon;

    forever = FOREVER;
    soon = suite_soon();
    talk(0, "A", take_and_tell, &forever);
    talk(1, "B", take_and_tell, &soon);
    tasklet_yield();
    spoil(&stack);
    CHECK_IS(tasklet_cancel(&talks[0].tasklet), 0);
    CHECK_IS(end_of(&talks[0].tasklet), 6);
    CHECK_IS(end_of(&talks[1].tasklet), 6);
    CHECK_IS(tasklet_join(&talks[0].tasklet, NOWAIT), -ESRCH);
    CHECK_TRACE("A9 B8 A0 B0");
    all_is_given_back();
}

static void join_other(void *other)
{
    struct kept here;

    keep(&here, 4);
    step(tasklet_join(other, FOREVER));
    CHECK(is_kept(&here, 4));
}

static void joins(void)
{
    static deadline_t soon;

    soon = suite_soon();
    talk(0, "A", take_and_tell, &soon);
    talk(1, "B", join_other, &talks[0].tasklet);
    CHECK_IS(end_of(&talks[1].tasklet), 0);
    CHECK_TRACE("A8 A0 B6");
}

static void levels(void)
{
    talk(0, "A", three_turns, ARG(0));
    tasklet_set_priority(talk(1, "B", three_turns, ARG(1)), PRIORITY_HIGH);
    tasklet_set_priority(talk(2, "C", three_turns, ARG(2)), PRIORITY_LOW);
    wait_for_talks(3);
    CHECK_TRACE("B1 B1 B1 A0 A0 A0 C2 C2 C2");
}

// ---- Floating point ----

static volatile int rounds;

static void compute(void *seed)
{
    float a = (float)NUMBER(seed), b = a + 0.5f, c = a * 3.0f;

    for (int i = 0; i < rounds; i++) {
        a += 1.0f;
        b += 2.0f;
        c += b * 0.5f;
        if (i % 3 != NUMBER(seed) % 3) {
            tasklet_yield();
        }
    }
    float expected_c = (float)NUMBER(seed) * 3.0f, expected_b = (float)NUMBER(seed) + 0.5f;

    for (int i = 0; i < rounds; i++) {
        expected_b += 2.0f;
        expected_c += expected_b * 0.5f;
    }
    CHECK(a == (float)(NUMBER(seed) + rounds) && b == expected_b && c == expected_c);
}

static void floating_point(void)
{
    rounds = 20;
    for (unsigned i = 0; i < 4; i++) {
        talk_on(i < 3 ? &stack : &other_stack, i, "F", compute, ARG((int)i));
    }
    worker("own", compute, ARG(5));
    wait_for_talks(4);
}

// ---- Swapped always ----

static volatile uint32_t *of_another;

static void idle(struct poller *p)
{
    (void)p;
}

static struct poller bystander = POLLER_INIT(idle);

static void show_local(void *unused)
{
    volatile uint32_t local = 0x600DDA7A;

    (void)unused;
    of_another = &local;
    poller_kick(&bystander); // the last to want attention is not the only one
    semaphore_take(&sem, FOREVER);
    CHECK(local == 0x600DDA7A);
}

static uint32_t ARCH_COPIES_STACKS peek(void)
{
    return *of_another;
}

static void foreign_pointers_show(void)
{
    talk(0, "A", show_local, NULL);
    tasklet_yield();
    CHECK(peek() == 0x600DDA7A); // nobody has needed the place
    semaphore_give(&sem);
    wait_for_talks(1);
    stack_swap_always(&stack);
    talk(0, "A", show_local, NULL);
    tasklet_yield();
    tasklet_yield();
    CHECK(peek() != 0x600DDA7A);
    CHECK(stack.resident == NULL);
    semaphore_give(&sem);
    wait_for_talks(1);
    stack.swap_always = NULL;
}

static void the_same_swapped_always(void)
{
    stack_swap_always(&stack);
    stack_swap_always(&other_stack);
    turns();
    deep_and_shallow();
    every_call();
    cancelled_and_timed_out();
    floating_point();
    stack.swap_always = other_stack.swap_always = NULL;
}

int main(void)
{
    static const struct suite_case cases[] = {
        CASE(turns),
        CASE(deep_and_shallow),
        CASE(nothing_is_copied),
        CASE(every_call),
        CASE(cancelled_and_timed_out),
        CASE(joins),
        CASE(levels),
        CASE(floating_point),
        CASE(foreign_pointers_show),
        CASE(the_same_swapped_always),
    };

    signal_register(&sig);
    poller_register(&bystander);
    SUITE_RUN("shared", cases);
}

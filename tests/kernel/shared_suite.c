// SPDX-License-Identifier: MIT
//
// Shared stacks: every call that waits, made by who is saved meanwhile; what others copy from and to those who
// are; memory that runs out; failures; and a soak by chance.
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
#include "kernel/semaphore.h"
#include "kernel/service.h"
#include "kernel/signal.h"
#include "tests/kernel/suite.h"

enum { TALKS = 6, DEPTH = 192 * sizeof(uintptr_t), AREA = TALKS * SHARED_RESERVE + 3 * DEPTH };

static SAVE_AREA(area, AREA);
static STACK(stack, DEPTH, &area);
static STACK(other_stack, DEPTH, &area);
static struct shared_tasklet talks[TALKS], spoiler;
static struct semaphore sem = SEMAPHORE_INIT(sem, "sem", 0);
static struct mutex mutex = MUTEX_INIT(mutex, "mutex");
static struct oneshot oneshot = ONESHOT_INIT(oneshot, "oneshot");
static struct signal sig = SIGNAL_INIT(sig, "sig");
static POOL(pool, uint64_t, 1);
static CHAN(words, uint32_t, 0);
static SERVICE(doubling, int, int);
static struct call call;
static GROUP(crew, "crew");

static struct tasklet *talk_on(struct stack *s, unsigned i, const char *name, void (*fn)(void *),
                               void *arg)
{
    struct tasklet *t = tasklet_spawn_on(s, name, fn, arg, &talks[i]);

    CHECK(t == &talks[i].tasklet);
    return t;
}

static struct tasklet *talk(unsigned i, const char *name, void (*fn)(void *), void *arg)
{
    return talk_on(&stack, i, name, fn, arg);
}

static int end_of(struct tasklet *t)
{
    return tasklet_join(t, after_ms(20000));
}

static void all_is_given_back(void)
{
    CHECK_IS(area.spare, area.count);
    CHECK(stack.resident == NULL && other_stack.resident == NULL);
}

// Numbers of errors are not the same everywhere.
enum { CANCELLED = 9, TIMED_OUT = 8 };

static void step_result(int result)
{
    step(result == -ECANCELED ? CANCELLED : result == -ETIMEDOUT ? TIMED_OUT : result);
}

// ---- What makes others be saved ----

static void fill_stack(void *unused)
{
    volatile unsigned char junk[DEPTH / 2];

    (void)unused;
    for (size_t i = 0; i < sizeof junk; i++) {
        junk[i] = 0xA5;
    }
}

static void spoil(struct stack *s)
{
    CHECK(tasklet_spawn_on(s, "spoiler", fill_stack, NULL, &spoiler) != NULL);
    end_of(&spoiler.tasklet);
}

// ---- Locals that must stay as they are ----

enum { KEPT = 7 };

struct kept {
    volatile uint32_t words[KEPT];
};

static void keep(struct kept *k, uint32_t seed)
{
    for (unsigned i = 0; i < KEPT; i++) {
        k->words[i] = (seed + i) * 2654435761u;
    }
}

static bool is_kept(const struct kept *k, uint32_t seed)
{
    for (unsigned i = 0; i < KEPT; i++) {
        if (k->words[i] != (seed + i) * 2654435761u) {
            return false;
        }
    }
    return true;
}

// Calls fn(arg) from `depth` frames further down, which keep their locals.
static void __attribute__((noinline)) below(unsigned depth, void (*fn)(void *), void *arg)
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

// ---- Turns ----

static void three_turns(void *arg)
{
    struct kept here;

    keep(&here, (uint32_t)NUMBER(arg));
    for (int i = 0; i < 3; i++) {
        step(NUMBER(arg));
        tasklet_yield();
        CHECK(is_kept(&here, (uint32_t)NUMBER(arg)));
    }
}

static void nothing(void *unused)
{
    (void)unused;
}

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
    CHECK(tasklet_stack_size(&talks[0].tasklet) >= DEPTH);
    CHECK(tasklet_stack_used(&talks[0].tasklet) <= tasklet_stack_size(&talks[0].tasklet));
    CHECK(!CONFIG_PAINT || tasklet_stack_used(&talks[0].tasklet) > 4 * sizeof(struct kept));
    all_is_given_back();
}

static void take_three(void *unused)
{
    (void)unused;
    for (int i = 0; i < 3; i++) {
        semaphore_take(&sem, FOREVER);
        step(i);
    }
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

// ---- Copies from and to who is saved ----

struct big {
    uint8_t bytes[3 * SAVE_CHUNK / 2]; // lies in three chunks, or two
};
static CHAN(small_ones, uint8_t, 0);
struct odd {
    uint8_t bytes[6];
};
static CHAN(odd_ones, struct odd, 0);
static CHAN(big_ones, struct big, 0);
static CHAN(buffered, struct big, 1);

static struct big a_big_one(uint8_t seed)
{
    struct big b;

    for (size_t i = 0; i < sizeof b.bytes; i++) {
        b.bytes[i] = (uint8_t)(seed + 3 * i);
    }
    return b;
}

static void send_all_sizes(void *unused)
{
    struct kept here;
    uint8_t small = 0x5C;
    uint32_t one = 0x12345678;
    struct odd odd = { { 1, 2, 3, 4, 5, 6 } };
    struct big big = a_big_one(7);

    (void)unused;
    keep(&here, 1);
    CHECK_IS(chan_send(&words, &one, FOREVER), 0);
    CHECK_IS(chan_send(&small_ones, &small, FOREVER), 0);
    CHECK_IS(chan_send(&odd_ones, &odd, FOREVER), 0);
    CHECK_IS(chan_send(&big_ones, &big, FOREVER), 0);
    CHECK(is_kept(&here, 1) && one == 0x12345678 && small == 0x5C && odd.bytes[5] == 6);
}

static void receive_all_sizes(void *unused)
{
    struct kept here;
    uint8_t small = 0;
    uint32_t one = 0;
    struct odd odd = { { 0 } };
    struct big big = { { 0 } }, same = a_big_one(7);

    (void)unused;
    keep(&here, 2);
    CHECK_IS(chan_recv(&words, &one, FOREVER), 0);
    CHECK_IS(one, 0x12345678);
    CHECK_IS(chan_recv(&small_ones, &small, FOREVER), 0);
    CHECK_IS(small, 0x5C);
    CHECK_IS(chan_recv(&odd_ones, &odd, FOREVER), 0);
    CHECK(memcmp(odd.bytes, "\1\2\3\4\5\6", 6) == 0);
    CHECK_IS(chan_recv(&big_ones, &big, FOREVER), 0);
    CHECK(memcmp(&big, &same, sizeof big) == 0);
    CHECK(is_kept(&here, 2));
}

// Somewhere: NULL is a stack of its own.
static void start_on(struct stack *s, unsigned i, void (*fn)(void *))
{
    if (s == NULL) {
        worker("own", fn, NULL);
    } else {
        talk_on(s, i, "shared", fn, NULL);
    }
    tasklet_yield();
}

static void spoil_both(void)
{
    spoil(&stack);
    spoil(&other_stack);
}

static void wait_for_talks(unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        if (talks[i].tasklet.waiter.ended == TASKLET_EXITED || talks[i].granted > 0) {
            CHECK_IS(end_of(&talks[i].tasklet), 0);
        }
    }
    workers_join();
}

static void meet(struct stack *first, void (*first_fn)(void *), struct stack *second,
                 void (*second_fn)(void *), bool spoiled)
{
    start_on(first, 0, first_fn);
    if (spoiled) {
        spoil_both();
    }
    start_on(second, 1, second_fn);
    wait_for_talks(2);
}

// Wherever both lie, whoever comes first, saved or in place.
static void every_rendezvous(void)
{
    struct stack *const places[] = { NULL, &stack, &other_stack };

    for (unsigned n = 0; n < 18; n++) {
        struct stack *from = places[n % 3], *to = places[n / 3 % 3];

        meet(from, send_all_sizes, to, receive_all_sizes, n >= 9);
        meet(to, receive_all_sizes, from, send_all_sizes, n >= 9);
    }
    all_is_given_back();
}

static void send_big(void *seed)
{
    struct big big = a_big_one((uint8_t)NUMBER(seed));

    CHECK_IS(chan_send(&buffered, &big, FOREVER), 0);
}

// A full buffer takes from a sender who is saved.
static void buffer_takes_from_saved(void)
{
    struct big got;

    for (int i = 0; i < 3; i++) {
        talk((unsigned)i, "A", send_big, ARG(i));
    }
    tasklet_yield();
    for (int i = 0; i < 3; i++) {
        struct big same = a_big_one((uint8_t)i);

        spoil(&stack);
        CHECK_IS(chan_recv(&buffered, &got, FOREVER), 0);
        CHECK(memcmp(&got, &same, sizeof got) == 0);
    }
    wait_for_talks(3);
}

static void select_big(void *unused)
{
    struct kept here;
    struct big big = { { 0 } }, same = a_big_one(9);
    uint32_t one = 77;
    struct select_case cases[] = { SELECT_SEND(&words, &one), SELECT_RECV(&big_ones, &big) };

    (void)unused;
    keep(&here, 3);
    step(chan_select(cases, 2, FOREVER));
    CHECK_IS(cases[1].result, 0);
    CHECK(memcmp(&big, &same, sizeof big) == 0);
    step(chan_select(cases, 2, FOREVER));
    step_result(chan_select(cases, 2, suite_soon()));
    CHECK(is_kept(&here, 3) && one == 77);
}

static void select_of_saved(void)
{
    struct big big = a_big_one(9);

    talk(0, "A", select_big, NULL);
    tasklet_yield();
    spoil(&stack);
    CHECK_IS(chan_send(&big_ones, &big, NOWAIT), 0);
    tasklet_yield();
    spoil(&stack);
    CHECK_IS(chan_recv(&words, &word, NOWAIT), 0);
    CHECK_IS(word, 77);
    tasklet_yield();
    spoil(&stack);
    wait_for_talks(1);
    CHECK_TRACE("A1 A0 A8");
}

struct question {
    uint8_t bytes[SAVE_CHUNK + 5];
};
static SERVICE(sums, struct question, uint32_t);

static void ask_for_sum(void *seed)
{
    struct question q;
    uint32_t sum = 0, expected = 0;

    for (size_t i = 0; i < sizeof q.bytes; i++) {
        q.bytes[i] = (uint8_t)(i * (unsigned)NUMBER(seed));
        expected += q.bytes[i];
    }
    CHECK_IS(service_call(&sums, &q, &sum, FOREVER), 0);
    CHECK(sum == expected);
}

static void serve_sums(void *unused)
{
    struct question q;

    (void)unused;
    while (service_recv(&sums, &q, &call, FOREVER) == 0) {
        uint32_t sum = 0;

        for (size_t i = 0; i < sizeof q.bytes; i++) {
            sum += q.bytes[i];
        }
        sleep_until(after_us(10));
        CHECK_IS(service_reply(&call, &sum), 0);
    }
}

// Client and server, wherever they lie; the client comes first or second.
static void services_of_saved(void)
{
    struct stack *const places[] = { NULL, &stack, &other_stack };

    for (unsigned n = 0; n < 9; n++) {
        service_init(&sums, "sums", sizeof(struct question), sizeof(uint32_t));
        talk(1, "early", ask_for_sum, ARG(3));
        tasklet_yield();
        spoil_both();
        start_on(places[n % 3], 0, serve_sums);
        CHECK_IS(end_of(&talks[1].tasklet), 0);
        spoil_both();
        if (places[n / 3] == NULL) {
            CHECK_IS(worker_join(worker("late", ask_for_sum, ARG(5))), 0);
        } else {
            CHECK_IS(end_of(talk_on(places[n / 3], 1, "late", ask_for_sum, ARG(5))), 0);
        }
        service_close(&sums);
        wait_for_talks(1);
    }
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
    service_init(&sums, "sums", sizeof(int), sizeof(int));
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

static void take_in_reserve(void *unused)
{
    (void)unused;
    step(semaphore_take(&sem, FOREVER));
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
    uint16_t held = (uint16_t)(area.spare - (TALKS * SHARED_RESERVE + DEPTH / 2) / SAVE_CHUNK);

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
    CHECK(waiting > 0 && (waiting < TALKS || (int)SHARED_RESERVE > (int)DEPTH));
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

#if defined(__linux__) || defined(__ARM_ARCH_6M__)
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

// ---- By chance ----

struct letter {
    uint32_t seed;
    struct kept content;
};
static CHAN(letters, struct letter, 0);
static CHAN(box, struct letter, 2);
static int rounds_left;
static unsigned moved, refused;

static void one_of_many(unsigned choice)
{
    struct letter l = { .seed = suite_random(1000) };
    struct chan *c = choice % 2 == 0 ? &letters : &box;
    deadline_t d = after_us(suite_random(40) + 1);
    int result = 0;

    switch (choice / 2) {
    case 0:
    case 1:
        keep(&l.content, l.seed);
        result = chan_send(c, &l, d);
        break;
    case 2:
    case 3:
        result = chan_recv(c, &l, d);
        CHECK(result != 0 || is_kept(&l.content, l.seed));
        moved += result == 0;
        break;
    case 4: {
        struct select_case cases[] = { SELECT_RECV(&letters, &l), SELECT_RECV(&box, &l) };

        result = chan_select(cases, 2, d);
        CHECK(result < 0 || is_kept(&l.content, l.seed));
        moved += result >= 0;
        break;
    }
    case 5:
        result = sleep_until(d);
        break;
    default:
        tasklet_yield();
    }
    refused += result == -ENOMEM;
}

static void by_chance(void *seed)
{
    one_of_many((unsigned)NUMBER(seed));
}

static void chat(void *unused)
{
    (void)unused;
    while (rounds_left-- > 0) {
        below(suite_random(4), by_chance, ARG((int)suite_random(14)));
    }
}

static TASKLET_MEMORY(own_memory, DEPTH);

static void soak(void)
{
    suite_seed(20 + suite_random(100));
    suite_credit(20);
    moved = refused = 0;
    rounds_left = 1500;
    for (unsigned i = 0; i < TALKS; i++) {
        talk_on(i % 3 == 2 ? &other_stack : &stack, i, "talk", chat, NULL);
    }
    struct tasklet *own = tasklet_spawn("own", chat, NULL, own_memory, sizeof own_memory);

    wait_for_talks(TALKS);
    CHECK_IS(end_of(own), 0);
    CHECK(moved > 20);
    while (chan_count(&box) > 0) {
        struct letter l;

        CHECK_IS(chan_recv(&box, &l, NOWAIT), 0);
    }
    suite_credit(INT32_MAX);
    all_is_given_back();
}

// ---- Swapped always ----

static volatile uint32_t *of_another;

static void show_local(void *unused)
{
    volatile uint32_t local = 0x600DDA7A;

    (void)unused;
    of_another = &local;
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

static void all_of_it_swapped_always(void)
{
    stack_swap_always(&stack);
    stack_swap_always(&other_stack);
    every_rendezvous();
    deep_and_shallow();
    services_of_saved();
    floating_point();
    soak();
    stack.swap_always = other_stack.swap_always = NULL;
}

int main(void)
{
    static const struct suite_case cases[] = {
        CASE(turns),
        CASE(deep_and_shallow),
        CASE(nothing_is_copied),
        CASE(every_call),
        CASE(every_rendezvous),
        CASE(buffer_takes_from_saved),
        CASE(select_of_saved),
        CASE(services_of_saved),
        CASE(cancelled_and_timed_out),
        CASE(joins),
        CASE(levels),
        CASE(refused_calls_do_nothing),
        CASE(reserve),
        CASE(full_area),
        CASE(yields_without_room),
        CASE(failures_end_one),
        CASE(overflow_ends_one),
        CASE(floating_point),
        CASE(soak),
        CASE(foreign_pointers_show),
        CASE(all_of_it_swapped_always),
    };

    signal_register(&sig);
    SUITE_RUN("shared", cases);
}

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

enum { TALKS = 6, DEPTH = 768, AREA = TALKS * SHARED_RESERVE + 3 * DEPTH };

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
static void *volatile nowhere; // so that the compiler does not see what we are up to

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
    };

    signal_register(&sig);
    SUITE_RUN("shared", cases);
}

// SPDX-License-Identifier: MIT
//
// Shared stacks: their memory, and that it runs out.
#include "kernel/shared_stack.h"

#include <errno.h>
#include <string.h>

#include "kernel/chan.h"
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
static uint32_t word;
static void *the_block;

// ---- Save areas ----

static struct save_chunk pattern(unsigned seed)
{
    struct save_chunk c;

    for (size_t i = 0; i < sizeof c.words / sizeof c.words[0]; i++) {
        c.words[i] = 100 * seed + i;
    }
    return c;
}

static uint16_t save(struct save_area *a, unsigned seed, unsigned n)
{
    struct save_chunk stack_bytes[3];

    for (unsigned i = 0; i < n; i++) {
        stack_bytes[i] = pattern(seed + i);
    }
    return save_area_take(a, stack_bytes, n);
}

static bool is_saved(const struct save_area *a, uint16_t first, unsigned seed, unsigned n)
{
    bool same = true;

    for (unsigned i = 0; i < n; i++) {
        struct save_chunk c, expected = pattern(seed + i);

        save_area_read(a, first, i * SAVE_CHUNK, &c, sizeof c);
        same = same && memcmp(&c, &expected, sizeof c) == 0;
    }
    return same;
}

// All chunks are used, in any order, and what is saved stays when another stack begins to use the area.
static void chunks(void)
{
    static struct save_chunk memory[5];
    static uint16_t links[5];
    struct save_area a = { .chunks = memory, .links = links, .count = 5, .spare = 5 };
    struct save_chunk back[2], first_again = pattern(1);

    save_area_prepare(&a);
    uint16_t one = save(&a, 1, 2), two = save(&a, 3, 2);

    save_area_give(&a, one, back, 2);
    CHECK(memcmp(&back[0], &first_again, sizeof first_again) == 0);
    one = save(&a, 5, 3);
    save_area_prepare(&a);
    CHECK(is_saved(&a, one, 5, 3));
    CHECK(is_saved(&a, two, 3, 2));
    CHECK_IS(a.free, 2 * 5); // behind the last
}

// ---- Made at run time ----

enum { CHUNKS = 2 * SHARED_RESERVE / SAVE_CHUNK, ODD = 5 };

// Memory of any alignment: all of it is used that can be.
static void made_at_run_time(void)
{
    static _Alignas(uintptr_t) unsigned char
        chunks[sizeof(uintptr_t) + CHUNKS * (SAVE_CHUNK + sizeof(uint16_t))];
    static _Alignas(
        TASKLET_ALIGN) unsigned char memory[TASKLET_ALIGN + STACK_SIZE(SHARED_DEPTH / 2) + ODD];
    static struct save_area a;
    static struct stack s;

    save_area_init(&a, chunks + 1, sizeof chunks - 2);
    CHECK_IS(a.count, CHUNKS - 1);
    save_area_init(&a, chunks + 1, sizeof chunks - 1);
    CHECK_IS(a.count, CHUNKS);
    CHECK((unsigned char *)a.chunks == chunks + sizeof(uintptr_t));
    CHECK((unsigned char *)(a.links + CHUNKS) == chunks + sizeof chunks);
    stack_init(&s, memory + 1, sizeof memory - 1, &a);
    CHECK(s.base == memory + TASKLET_ALIGN);
    CHECK(s.base + s.size == memory + sizeof memory);
    talk_on(&s, 0, "A", three_turns, ARG(0));
    talk_on(&s, 1, "B", three_turns, ARG(1));
    CHECK(s.top == memory + sizeof memory - ODD - SAVE_CHUNK);
    CHECK_IS(a.spare, 0);
    wait_for_talks(2);
    CHECK_TRACE("A0 B1 A0 B1 A0 B1");
    CHECK_IS(a.spare, CHUNKS);
    CHECK_IS(a.least, 0);
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
    memset(&talks[0], 0xA5, sizeof talks[0]); // a control block may have been anything
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

// ---- Deeper than the reserve ----

enum { RESERVE = SHARED_RESERVE / SAVE_CHUNK };

static void yield_twice(void *unused)
{
    (void)unused;
    step(1);
    tasklet_yield();
    step(2);
    tasklet_yield();
}

static void yield_and_wait(void *unused)
{
    below_reserve(yield_twice, unused);
    step(3);
    tasklet_yield();
    below_reserve(take_in_reserve, unused);
}

static bool enough;

static void yield_until_enough(void *unused)
{
    (void)unused;
    while (!enough) {
        tasklet_yield();
    }
}

// What a tasklet that was saved is promised is what it has on its stack; the rest is everybody's.
static void check_promises(bool deep)
{
    size_t live = SAVE_CHUNKS((uintptr_t)stack.top - (uintptr_t)talks[0].sp);

    CHECK((live > RESERVE) == deep);
    CHECK_IS(talks[0].granted, deep ? live : RESERVE);
    CHECK_IS(talks[1].granted, RESERVE);
    CHECK_IS(area.spare + talks[0].granted + talks[1].granted, area.count);
}

// A has what it needs as long as it needs it. B comes to lie where A does.
static void more_than_the_reserve(void)
{
    static const bool is_deep[] = { true, true, false, true };

    enough = false;
    area.least = area.spare;
    talk(0, "A", yield_and_wait, NULL);
    talk(1, "B", yield_until_enough, NULL);
    for (unsigned i = 0; i < sizeof is_deep; i++) {
        tasklet_yield();
        check_promises(is_deep[i]);
        CHECK(area.least <= area.spare);
    }
    enough = true;
    semaphore_give(&sem);
    wait_for_talks(2);
    CHECK_TRACE("A1 A2 A3 A0");
    all_is_given_back();
    CHECK(area.least < area.count - 2 * RESERVE);
}

// What a tasklet that means to wait asks before is what it is told when it does. From the same depth.
static void ask_before(void *unused)
{
    static struct waitq q = WAITQ_INIT(q, "q");
    struct tasklet *self = tasklet_self();

    (void)unused;
    CHECK(shared_stack_may_wait(self, &q));
    take_all();
    CHECK(shared_stack_would_wait(self, 0));
    CHECK(!shared_stack_would_wait(self, SAVE_CHUNK));
    area.spare = 1;
    CHECK(shared_stack_would_wait(self, SAVE_CHUNK));
    CHECK(!shared_stack_would_wait(self, 2 * SAVE_CHUNK));
    area.spare = 0;
    give_all();
}

static void ask_below(void *unused)
{
    below_reserve(ask_before, unused);
}

static void asked_before(void)
{
    talk(0, "A", ask_below, NULL);
    wait_for_talks(1);
    all_is_given_back();
}

// ---- To yield without room ----

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
    tasklet_set_priority(worker("C", three_turns, ARG(0)), PRIORITY_LOW);
    tasklet_yield();
    wait_for_talks(2);
    CHECK_TRACE("A1 A2 A3 B0 B0 B0 C0 C0 C0");
    all_is_given_back();
}

static void the_same_swapped_always(void)
{
    stack_swap_always(&stack);
    full_area();
    more_than_the_reserve();
    yields_without_room();
    stack.swap_always = NULL;
}

int main(void)
{
    static const struct suite_case cases[] = {
        CASE(chunks),       CASE(made_at_run_time),    CASE(refused_calls_do_nothing),
        CASE(reserve),      CASE(full_area),           CASE(more_than_the_reserve),
        CASE(asked_before), CASE(yields_without_room), CASE(the_same_swapped_always),
    };

    signal_register(&sig);
    SUITE_RUN("shared_memory", cases);
}

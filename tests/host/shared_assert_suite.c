// SPDX-License-Identifier: MIT
//
// What shared stacks and their save areas assert, part by part.
#include <errno.h>

#include "kernel/group.h"
#include "kernel/poller.h"
#include "kernel/save_area.h"
#include "kernel/semaphore.h"
#include "kernel/shared_stack.h"
#include "kernel/timer.h"
#include "kernel/wait.h"
#include "tests/host/says.h"
#include "tests/kernel/suite.h"

// Volatile, so that the compiler does not see what we are up to.
static void *volatile null;

static SAVE_AREA(area, 2 * SHARED_RESERVE);
static STACK(stack, 8192, &area);
static struct stack homeless;
static struct shared_tasklet one;
static struct group group;

static void nothing(void *unused)
{
    (void)unused;
}

static void on_no_stack(void)
{
    tasklet_spawn_on(null, "none", nothing, NULL, &one);
}

static void without_area(void)
{
    tasklet_spawn_on(&homeless, "none", nothing, NULL, &one);
}

static void no_function(void)
{
    tasklet_spawn_on(&stack, "none", (void (*)(void *))(uintptr_t)null, NULL, &one);
}

static void no_tasklet(void)
{
    tasklet_spawn_on(&stack, "none", nothing, NULL, null);
}

static void spawn_it(void)
{
    tasklet_spawn_on(&stack, "none", nothing, NULL, &one);
}

static void spawn_in_interrupt(void)
{
    says("tasklet_spawn_on: called from an interrupt", spawn_it);
}

static void spawns(void)
{
    says("tasklet_spawn_on: NULL", on_no_stack);
    says("tasklet_spawn_on: NULL", without_area);
    says("tasklet_spawn_on: NULL", no_function);
    says("tasklet_spawn_on: NULL", no_tasklet);
    suite_interrupt(spawn_in_interrupt);
}

// ---- Memory ----

enum { CHUNKS_MOST = INT16_MAX, CHUNK = SAVE_CHUNK + sizeof(uint16_t) };

static _Alignas(TASKLET_ALIGN) unsigned char memory[(CHUNKS_MOST + 1) * CHUNK];
static struct save_area made;

static void area_without_memory(void)
{
    save_area_init(&made, null, CHUNK);
}

static void area_without_chunks(void)
{
    save_area_init(&made, memory, CHUNK - 1);
}

static void area_without_an_aligned_word(void)
{
    save_area_init(&made, memory + 1, 1);
}

static void area_too_large(void)
{
    save_area_init(&made, memory, (CHUNKS_MOST + 1) * CHUNK);
}

static void areas(void)
{
    static const char sentence[] = "save_area_init: NULL, or size out of range";

    says(sentence, area_without_memory);
    says(sentence, area_without_chunks);
    says(sentence, area_without_an_aligned_word);
    says(sentence, area_too_large);
    save_area_init(&made, memory, CHUNK);
    CHECK_IS(made.count, 1);
    save_area_init(&made, memory, CHUNKS_MOST * CHUNK);
    CHECK_IS(made.count, CHUNKS_MOST);
}

static struct save_area empty, too_large = { .count = CHUNKS_MOST + 1 };
static SAVE_AREA(largest, CHUNKS_MOST *SAVE_CHUNK);
static SAVE_AREA(smallest, SAVE_CHUNK);
static STACK(with_empty, 64, &empty);
static STACK(with_smallest, 64, &smallest);
static STACK(with_too_large, 64, &too_large);
static STACK(with_largest, 64, &largest);

static void spawn_with_empty(void)
{
    tasklet_spawn_on(&with_empty, "none", nothing, NULL, &one);
}

static void spawn_with_too_large(void)
{
    tasklet_spawn_on(&with_too_large, "none", nothing, NULL, &one);
}

static void areas_made_by_hand(void)
{
    says("save_area: no memory, or too much", spawn_with_empty);
    says("save_area: no memory, or too much", spawn_with_too_large);
    CHECK(tasklet_spawn_on(&with_smallest, "none", nothing, NULL, &one) == NULL);
    CHECK(tasklet_spawn_on(&with_largest, "none", nothing, NULL, &one) != NULL);
    CHECK_IS(tasklet_join(&one.tasklet, FOREVER), 0);
}

static struct stack made_stack;

static void no_stack(void)
{
    stack_init(null, memory, STACK_SIZE_MIN, &area);
}

static void stack_without_memory(void)
{
    stack_init(&made_stack, null, STACK_SIZE_MIN, &area);
}

static void stack_without_area(void)
{
    stack_init(&made_stack, memory, STACK_SIZE_MIN, null);
}

static void stack_too_small(void)
{
    stack_init(&made_stack, memory + 1, STACK_SIZE_MIN + TASKLET_ALIGN - 2, &area);
}

static void stacks(void)
{
    static const char sentence[] = "stack_init: NULL, or less memory than STACK_SIZE_MIN";

    says(sentence, no_stack);
    says(sentence, stack_without_memory);
    says(sentence, stack_without_area);
    says(sentence, stack_too_small);
    stack_init(&made_stack, memory, STACK_SIZE_MIN, &area);
    CHECK(made_stack.base == memory);
    stack_init(&made_stack, memory + 1, STACK_SIZE_MIN + TASKLET_ALIGN - 1, &area);
    CHECK_IS(made_stack.size, STACK_SIZE_MIN);
}

// What others have is not as it should be: whoever fails so does not end alone.
static void says_of_all(const char *sentence, void (*fn)(void))
{
    says(sentence, fn);
    CHECK_IS(sched.no_switch, 1);
    sched.no_switch = 0;
}

// ---- What does not lie on a shared stack ----

static void fire(struct timer *t)
{
    (void)t;
}

static void arm_a_local(void)
{
    struct timer t = TIMER_INIT(fire);

    timer_arm(&t, after_ms(1));
}

static void idle(struct poller *p)
{
    (void)p;
}

static void register_a_local(void)
{
    struct poller p = POLLER_INIT(idle);

    poller_register(&p);
}

static struct wait_set set;

static void begin_a_local(void)
{
    struct wait_set s;

    wait_set_begin(&s, null, 0);
}

static void begin_with_locals(void)
{
    struct set_waiter waiters[1];

    wait_set_begin(&set, waiters, 1);
}

static void wait_with_a_local(void)
{
    struct wait_set s = { .count = 0 };

    wait_any(&s, "shared_assert", FOREVER);
}

static void wait_with_locals(void)
{
    struct set_waiter waiters[1];

    set.waiters = waiters;
    wait_any(&set, "shared_assert", FOREVER);
}

static void wait_with_foreign(void)
{
    static struct set_waiter waiters[1];

    wait_set_begin(&set, waiters, 1);
    waiters[0].waiter.data = with_largest.base;
    wait_any(&set, "shared_assert", FOREVER);
}

static void try_locals(void *unused)
{
    (void)unused;
    says("timer_arm: the timer lies on a shared stack", arm_a_local);
    says("poller_register: it lies on a shared stack", register_a_local);
    says("wait_set_begin: the set, or its waiters, lie on a shared stack", begin_a_local);
    says("wait_set_begin: the set, or its waiters, lie on a shared stack", begin_with_locals);
    says_of_all("wait_any: the set, or its waiters, lie on a shared stack", wait_with_a_local);
    says_of_all("wait_any: the set, or its waiters, lie on a shared stack", wait_with_locals);
    says_of_all("a tasklet waits with an address on a stack that others share", wait_with_foreign);
}

static void locals(void)
{
    tasklet_spawn_on(&with_largest, "another", nothing, NULL, &one);
    CHECK_IS(tasklet_join(&one.tasklet, FOREVER), 0);
    tasklet_spawn_on(&stack, "locals", try_locals, NULL, &one);
    CHECK_IS(tasklet_join(&one.tasklet, FOREVER), 0);
}

// What lies right behind it.
static struct {
    _Alignas(TASKLET_ALIGN) unsigned char stack[STACK_SIZE(8192)];
    struct waitq q;
} neighbours;

static void wait_next_door(void *unused)
{
    (void)unused;
    waitq_init(&neighbours.q, "q");
    CHECK_IS(wait_on(&neighbours.q, "shared_assert", suite_soon()), -ETIMEDOUT);
}

static void next_door(void)
{
    stack_init(&made_stack, neighbours.stack, sizeof neighbours.stack, &area);
    CHECK(made_stack.base + made_stack.size == (unsigned char *)&neighbours.q);
    tasklet_spawn_on(&made_stack, "next door", wait_next_door, NULL, &one);
    CHECK_IS(tasklet_join(&one.tasklet, FOREVER), 0);
}

// ---- Saving needs more than was promised ----

static struct semaphore sem = SEMAPHORE_INIT(sem, "sem", 0);

static void take(void *unused)
{
    (void)unused;
    semaphore_take(&sem, FOREVER);
}

static struct shared_tasklet other;

// What the port does when the other's turn comes, but on the stack that the panic is caught on.
static void come_to_other(void)
{
    *sched.running = &other.tasklet;
    stack_swap_in();
}

// As if a switch went deeper than the port says: a failure, but not of the other's, whose turn it is.
static void deeper_than_promised(void)
{
    struct tasklet *self = tasklet_self();

    tasklet_spawn_on(&stack, "one", take, NULL, &one);
    tasklet_yield();
    tasklet_spawn_on(&stack, "other", nothing, NULL, &other);
    uint16_t spare = area.spare, granted = one.granted;

    area.spare = one.granted = 0;
    says_of_all("shared stack: a tasklet that waits needs more than ARCH_SWITCH_DEPTH says",
                come_to_other);
    *sched.running = self;
    area.spare = spare;
    one.granted = granted;
    semaphore_give(&sem);
    CHECK_IS(tasklet_join(&one.tasklet, FOREVER), 0);
    CHECK_IS(tasklet_join(&other.tasklet, FOREVER), 0);
    CHECK_IS(area.spare, area.count);
}

// ---- Groups ----

static void add_to_none(void)
{
    group_add(null, tasklet_self());
}

static void add_none(void)
{
    group_add(&group, null);
}

static void add_an_ended_one(void)
{
    static struct tasklet ended;

    ended.waiter.ended = TASKLET_EXITED;
    group_add(&group, &ended);
}

static void add_a_watched_one(void)
{
    static struct tasklet watched;

    watched.watcher = (uintptr_t)&group;
    group_add(&group, &watched);
}

static void add_to_a_full_one(void)
{
    static struct tasklet t;

    group.alive = UINT16_MAX;
    group_add(&group, &t);
}

static void members(void)
{
    static const char sentence[] = "group_add: NULL, or a tasklet that has ended or is waited for";

    group_init(&group, "group");
    says(sentence, add_to_none);
    says(sentence, add_none);
    says(sentence, add_an_ended_one);
    says(sentence, add_a_watched_one);
    says(sentence, add_to_a_full_one);
}

int main(void)
{
    static const struct suite_case cases[] = {
        CASE(spawns), CASE(areas),     CASE(areas_made_by_hand),   CASE(stacks),
        CASE(locals), CASE(next_door), CASE(deeper_than_promised), CASE(members),
    };

    SUITE_RUN("shared_assert", cases);
}

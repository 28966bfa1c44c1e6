// SPDX-License-Identifier: MIT
//
// Pools of tasklets where they are delicate: who waits for a place leaves no trace, places are given in order,
// and nothing beyond the last place is looked at.
#include <errno.h>

#include "kernel/tasklet_pool.h"
#include "tests/kernel/suite.h"

enum { PLACES = 3 };

static TASKLET_POOL(crew, PLACES, 64);
static struct waitq gate = WAITQ_INIT(gate, "gate");

static void wait_at_gate(void *number)
{
    tasklet_shield();
    CHECK_IS(wait_on(&gate, "gate", FOREVER), 0);
    note_number("out", NUMBER(number));
}

static void fill(struct tasklet_pool *p)
{
    for (int i = 1; i <= PLACES; i++) {
        CHECK_IS(tasklet_pool_spawn(p, "crew", wait_at_gate, ARG(i), NOWAIT), 0);
    }
    tasklet_yield();
}

static void open_gate_for_all(void *unused)
{
    (void)unused;
    waitq_wake_all(&gate);
}

static void end_crew(void *unused)
{
    (void)unused;
    CHECK_IS(tasklet_pool_end(&crew, FOREVER), 0);
    note("ended");
}

static void spawn_number(void *number)
{
    int result = tasklet_pool_spawn(&crew, "crew", wait_at_gate, number, FOREVER);

    note_number(result == 0 ? "in" : result == -ECANCELED ? "cancelled" : "failed", NUMBER(number));
}

// Who gave up waiting for a place is not woken by those that end later.
static void nobody_remembers_who_gave_up(void)
{
    fill(&crew);
    CHECK_IS(tasklet_pool_spawn(&crew, "crew", wait_at_gate, NULL, after_us(10)), -ETIMEDOUT);
    worker("opener", open_gate_for_all, NULL);
    deadline_t d = after_ms(1);

    CHECK_IS(wait_alone("a wait for nobody", d), -ETIMEDOUT);
    CHECK(suite_on_time(d));
    CHECK_TRACE("out1 out2 out3");
    CHECK_IS(tasklet_pool_end(&crew, NOWAIT), 0);
}

// Two places become free at once: two of three who wait get them, in the order in which they came.
static void the_last_in_line_is_not_forgotten(void)
{
    fill(&crew);
    for (int i = 4; i <= 6; i++) {
        worker("spawner", spawn_number, ARG(i));
    }
    tasklet_yield();
    waitq_wake_one(&gate);
    waitq_wake_one(&gate);
    sleep_ms(1);
    CHECK_TRACE("out1 out2 in4 in5");
    waitq_wake_one(&gate);
    workers_join();
    CHECK_TRACE("out3 in6");
    sleep_ms(1);
    waitq_wake_all(&gate);
    CHECK_IS(tasklet_pool_end(&crew, FOREVER), 0);
    CHECK_TRACE("out4 out5 out6");
}

// Who is woken and was cancelled meanwhile takes no place from the one behind him.
static void the_end_wakes_who_waits_for_a_place(void)
{
    fill(&crew);
    struct tasklet *first = worker("first", spawn_number, ARG(4));

    tasklet_yield();
    worker("end", end_crew, NULL);
    worker("last", spawn_number, ARG(5));
    tasklet_yield();
    tasklet_set_priority(first, PRIORITY_LOW);
    tasklet_cancel(first);
    waitq_wake_all(&gate); // all end before the first knows that he was cancelled
    workers_join();
    CHECK_TRACE("out1 out2 out3 ended in5 cancelled4");
    waitq_wake_all(&gate);
    CHECK_IS(tasklet_pool_end(&crew, FOREVER), 0);
    CHECK_TRACE("out5");
}

static TASKLET_POOL(spare, 2, 64);

static void a_place_is_empty(void)
{
    CHECK_IS(tasklet_pool_spawn(&spare, "spare", wait_at_gate, ARG(1), NOWAIT), 0);
    tasklet_yield();
    CHECK_IS(tasklet_pool_busy(&spare), 1);
    CHECK_IS(tasklet_pool_end(&spare, after_us(10)), -ETIMEDOUT);
    waitq_wake_all(&gate);
    CHECK_IS(tasklet_pool_end(&spare, FOREVER), 0);
    CHECK_TRACE("out1");
}

// Behind the last place stands one that is busy, and none of the pool's: this tasklet.
static void nothing_behind_the_last(void)
{
    static struct tasklet_pool smaller;
    static struct tasklet *tasklets[PLACES + 1];

    smaller = crew;
    smaller.tasklets = tasklets;
    group_init(&smaller.group, "smaller");
    tasklets[PLACES] = tasklet_self();
    fill(&smaller);
    CHECK_IS(tasklet_pool_busy(&smaller), PLACES);
    CHECK_IS(tasklet_pool_spawn(&smaller, "crew", wait_at_gate, NULL, after_us(10)), -ETIMEDOUT);
    worker("opener", open_gate_for_all, NULL);
    CHECK_IS(tasklet_pool_end(&smaller, FOREVER), 0);
    CHECK_TRACE("out1 out2 out3");
    CHECK(!tasklet_cancelled());
    CHECK(tasklets[PLACES] == tasklet_self());
}

int main(void)
{
    static const struct suite_case cases[] = {
        CASE(nobody_remembers_who_gave_up),
        CASE(the_last_in_line_is_not_forgotten),
        CASE(the_end_wakes_who_waits_for_a_place),
        CASE(a_place_is_empty),
        CASE(nothing_behind_the_last),
    };

    SUITE_RUN("crew", cases);
}

// SPDX-License-Identifier: MIT
//
// Pools of tasklets: places are given out, waited for, and taken back when their tasklets have ended.
#include <errno.h>

#include "kernel/tasklet_pool.h"
#include "tests/kernel/suite.h"

enum { PLACES = 3 };

static TASKLET_POOL(crew, PLACES, 64);
static struct waitq gate = WAITQ_INIT(gate, "gate");

static void wait_at_gate(void *number)
{
    note_number("in", NUMBER(number));
    int result = wait_on(&gate, "gate", FOREVER);

    note_number(result == 0 ? "out" : "cancelled", NUMBER(number));
}

static void leave_by_exit(void *unused)
{
    (void)unused;
    wait_on(&gate, "gate", FOREVER);
    tasklet_exit(7);
}

static void fill(void)
{
    for (int i = 1; i <= PLACES; i++) {
        CHECK_IS(tasklet_pool_spawn(&crew, "crew", wait_at_gate, ARG(i), NOWAIT), 0);
    }
    tasklet_yield();
    CHECK_TRACE("in1 in2 in3");
    CHECK_IS(tasklet_pool_busy(&crew), PLACES);
}

static void places_are_used_again(void)
{
    fill();
    CHECK_IS(tasklet_pool_spawn(&crew, "crew", wait_at_gate, ARG(4), NOWAIT), -EAGAIN);
    waitq_wake_one(&gate);
    tasklet_yield();
    CHECK_TRACE("out1");
    CHECK_IS(tasklet_pool_busy(&crew), PLACES - 1);
    CHECK_IS(tasklet_pool_spawn(&crew, "crew", wait_at_gate, ARG(4), NOWAIT), 0);
    tasklet_yield();
    waitq_wake_all(&gate);
    CHECK_IS(tasklet_pool_end(&crew, FOREVER), 0);
    CHECK_TRACE("in4 out2 out3 out4");
    CHECK_IS(tasklet_pool_busy(&crew), 0);
}

static void open_gate(void *unused)
{
    (void)unused;
    note("open");
    waitq_wake_one(&gate);
}

static void a_full_pool_is_waited_for(void)
{
    deadline_t limit;

    fill();
    limit = suite_soon();
    CHECK_IS(tasklet_pool_spawn(&crew, "crew", wait_at_gate, ARG(4), limit), -ETIMEDOUT);
    CHECK(suite_on_time(limit) || !suite_exact());
    worker("opener", open_gate, NULL);
    CHECK_IS(tasklet_pool_spawn(&crew, "crew", wait_at_gate, ARG(4), FOREVER), 0);
    tasklet_yield();
    CHECK_TRACE("open out1 in4");
    waitq_wake_all(&gate);
    CHECK_IS(tasklet_pool_end(&crew, FOREVER), 0);
    CHECK_TRACE("out2 out3 out4");
    workers_join();
}

static void spawn_one_more(void *number)
{
    CHECK_IS(tasklet_pool_spawn(&crew, "crew", wait_at_gate, number, FOREVER), 0);
    note_number("spawned", NUMBER(number));
}

static void several_wait_for_places(void)
{
    fill();
    struct tasklet *first = worker("four", spawn_one_more, ARG(4));

    worker("five", spawn_one_more, ARG(5));
    worker("six", spawn_one_more, ARG(6));
    tasklet_yield();
    waitq_wake_one(&gate);
    tasklet_yield();
    CHECK_IS(worker_join(first), 0);
    tasklet_yield();
    CHECK_TRACE("out1 spawned4 in4");
    waitq_wake_one(&gate);
    waitq_wake_one(&gate);
    workers_join();
    CHECK_IS(tasklet_pool_busy(&crew), PLACES);
    CHECK_IS(tasklet_pool_end(&crew, FOREVER), 0);
    CHECK_TRACE("out2 out3 spawned5 spawned6 in5 in6 cancelled6 cancelled4 cancelled5");
}

static void exit_gives_the_place_back(void)
{
    for (int i = 0; i < PLACES; i++) {
        CHECK_IS(tasklet_pool_spawn(&crew, "crew", leave_by_exit, NULL, NOWAIT), 0);
    }
    tasklet_yield();
    worker("opener", open_gate, NULL);
    CHECK_IS(tasklet_pool_spawn(&crew, "crew", wait_at_gate, ARG(9), FOREVER), 0);
    tasklet_yield();
    waitq_wake_all(&gate);
    CHECK_IS(tasklet_pool_end(&crew, FOREVER), 0);
    CHECK_TRACE("open in9 out9");
    workers_join();
}

static void all_are_cancelled(void)
{
    fill();
    CHECK_IS(tasklet_pool_end(&crew, NOWAIT), -EAGAIN);
    CHECK_IS(tasklet_pool_end(&crew, FOREVER), 0);
    CHECK_TRACE("cancelled1 cancelled2 cancelled3");
    CHECK_IS(tasklet_pool_busy(&crew), 0);
    CHECK_IS(tasklet_pool_end(&crew, NOWAIT), 0);
}

// Who comes when a place has just become free takes it, before the one who was woken for it runs.
static void a_free_place_is_taken_at_once(void)
{
    fill();
    worker("four", spawn_one_more, ARG(4));
    tasklet_yield();
    waitq_wake_one(&gate);
    tasklet_yield();
    CHECK_TRACE("out1");
    CHECK_IS(tasklet_pool_spawn(&crew, "crew", wait_at_gate, ARG(5), NOWAIT), 0);
    tasklet_yield();
    CHECK_TRACE("in5");
    waitq_wake_one(&gate);
    workers_join();
    CHECK_TRACE("out2 spawned4 in4");
    waitq_wake_all(&gate);
    CHECK_IS(tasklet_pool_end(&crew, FOREVER), 0);
    CHECK_TRACE("out3 out5 out4");
}

int main(void)
{
    static const struct suite_case cases[] = {
        CASE(places_are_used_again),   CASE(a_full_pool_is_waited_for),
        CASE(several_wait_for_places), CASE(exit_gives_the_place_back),
        CASE(all_are_cancelled),       CASE(a_free_place_is_taken_at_once),
    };

    SUITE_RUN("pool", cases);
}

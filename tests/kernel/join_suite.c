// SPDX-License-Identifier: MIT
//
// Joining: who may, when, and what comes of it.
#include <errno.h>

#include "kernel/reason.h"
#include "kernel/semaphore.h"
#include "tests/kernel/suite.h"

static struct semaphore gate = SEMAPHORE_INIT(gate, "gate", 0);

static void leave_with(void *value)
{
    tasklet_exit(NUMBER(value));
}

// Ends with the number 5 once the gate is open.
static void behind_gate(void *unused)
{
    (void)unused;
    CHECK_IS(semaphore_take(&gate, FOREVER), 0);
    tasklet_exit(5);
}

static void before_and_after_exit(void)
{
    struct tasklet *t = worker("A", leave_with, ARG(3));

    CHECK_IS(tasklet_join(t, FOREVER), 3);
    t = worker("B", leave_with, ARG(4));
    tasklet_yield();
    CHECK_IS(tasklet_join(t, FOREVER), 4);
}

static void of_an_ended_one_never_waits(void)
{
    struct tasklet *t = worker("A", leave_with, ARG(3));

    CHECK_IS(tasklet_join(t, NOWAIT), -EAGAIN);
    tasklet_yield();
    CHECK_IS(tasklet_join(t, NOWAIT), 3);
}

static void twice(void)
{
    struct tasklet *t = worker("A", leave_with, ARG(3));

    CHECK_IS(tasklet_join(t, FOREVER), 3);
    CHECK_IS(tasklet_join(t, FOREVER), -ESRCH);
    CHECK_IS(tasklet_join(t, NOWAIT), -ESRCH);
}

static void oneself(void)
{
    CHECK_IS(tasklet_join(tasklet_self(), FOREVER), -EDEADLK);
}

static int joined;

static void join_it(void *t)
{
    joined = tasklet_join(t, FOREVER);
}

static void by_two(void)
{
    struct tasklet *t = worker("T", behind_gate, NULL);

    struct tasklet *joiner = worker("A", join_it, t);

    tasklet_yield();
    CHECK_IS(tasklet_join(t, FOREVER), -EBUSY);
    CHECK_IS(tasklet_join(t, NOWAIT), -EBUSY);
    semaphore_give(&gate);
    CHECK_IS(worker_join(joiner), 0);
    CHECK_IS(joined, 5);
}

static void with_deadline(void)
{
    struct tasklet *t = worker("T", behind_gate, NULL);
    deadline_t d = after_ms(1);

    CHECK_IS(tasklet_join(t, d), -ETIMEDOUT);
    CHECK(suite_on_time(d));
    semaphore_give(&gate);
    CHECK_IS(tasklet_join(t, FOREVER), 5);
}

static void cancelled(void)
{
    struct tasklet *t = worker("T", behind_gate, NULL), *joiner = worker("A", join_it, t);

    tasklet_yield();
    CHECK_IS(tasklet_cancel(joiner), 0);
    CHECK_IS(tasklet_join(joiner, FOREVER), 0);
    CHECK_IS(joined, -ECANCELED);
    semaphore_give(&gate);
    CHECK_IS(tasklet_join(t, FOREVER), 5);
}

// The joiner's deadline comes first, the exit before the joiner has run: the join has timed out,
// and can be made again.
static deadline_t moment;

static void leave_at_the_moment(void *unused)
{
    (void)unused;
    sleep_until(moment);
    step(1);
    tasklet_exit(6);
}

static void join_until_the_moment(void *t)
{
    int result = tasklet_join(t, moment);

    CHECK(result == -ETIMEDOUT || time_now() < moment.ticks);
    step(result == -ETIMEDOUT);
    CHECK_IS(tasklet_join(t, NOWAIT), 6);
}

static void exit_and_deadline_together(void)
{
    moment = suite_soon();
    worker_join(worker("A", join_until_the_moment, worker("T", leave_at_the_moment, NULL)));
    CHECK_TRACE("T1 A1");
}

// The exit comes first, then the deadline passes before the joiner has run: it has the exit value.
static void join_with_deadline(void *t)
{
    int result = tasklet_join(t, moment);

    CHECK(result == 5 || (result == -ETIMEDOUT && !suite_exact()));
    if (result != 5) {
        CHECK_IS(tasklet_join(t, FOREVER), 5);
    }
}

static void exit_then_deadline(void)
{
    struct tasklet *t = worker("T", behind_gate, NULL);

    moment = suite_soon();
    struct tasklet *joiner = worker("A", join_with_deadline, t);

    tasklet_yield();
    semaphore_give(&gate);
    tasklet_yield(); // T ends, and A stands behind this one
    spin_until(moment);
    CHECK_IS(worker_join(joiner), 0);
}

// A join's exit value may look like a time-out: it is the tasklet's own.
static void any_exit_value(void)
{
    CHECK_IS(worker_join(worker("A", leave_with, ARG(INT32_MAX))), INT32_MAX);
    CHECK_IS(worker_join(worker("A", leave_with, ARG(-EAGAIN))), -EAGAIN);
    CHECK_IS(worker_join(worker("A", leave_with, ARG(0))), 0);
}

static void chain_link(void *next)
{
    if (next != NULL) {
        CHECK_IS(tasklet_join(next, FOREVER), 0);
    }
    step(1);
}

static void chain(void)
{
    struct tasklet *c = worker("C", chain_link, NULL), *b = worker("B", chain_link, c);

    CHECK_IS(worker_join(worker("A", chain_link, b)), 0);
    CHECK_TRACE("C1 B1 A1");
}

static void join_for_report(void *t)
{
    CHECK_IS(tasklet_join(t, FOREVER), 5);
}

// This program has neither mutexes nor services, and links nothing of them for the report.
static void whom_a_joiner_waits_for(void)
{
    struct tasklet *t = worker("A", behind_gate, NULL), *b = worker("B", join_for_report, t);

    tasklet_yield();
    CHECK(tasklet_reason(b).holder == t);
    CHECK(tasklet_reason(t).holder == NULL);
    semaphore_give(&gate);
    worker_join(b);
}

int main(void)
{
    static const struct suite_case cases[] = {
        CASE(before_and_after_exit),
        CASE(of_an_ended_one_never_waits),
        CASE(twice),
        CASE(oneself),
        CASE(by_two),
        CASE(with_deadline),
        CASE(cancelled),
        CASE(exit_and_deadline_together),
        CASE(exit_then_deadline),
        CASE(any_exit_value),
        CASE(chain),
        CASE(whom_a_joiner_waits_for),
    };

    SUITE_RUN("join", cases);
}

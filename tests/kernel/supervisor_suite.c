// SPDX-License-Identifier: MIT
//
// Supervision: who is started again, when, and when it is given up.
#include "kernel/supervisor.h"

#include <errno.h>
#include <string.h>

#include "kernel/semaphore.h"
#include "tests/kernel/suite.h"

enum { STACK = WORKER_STACK + 512, CHILDREN = 2, TIMES = 16 };

static TASKLET_MEMORY(memory[CHILDREN], STACK);
static struct child children[CHILDREN];
static SUPERVISOR(boss, children, .most = 0);
static struct semaphore gate = SEMAPHORE_INIT(gate, "gate", 0);
static uint64_t times[TIMES]; // of starts
static unsigned started;

static void began(void)
{
    if (started < TIMES) {
        times[started] = time_now();
    }
    started++;
}

static void succeed(void *unused)
{
    (void)unused;
    began();
    note("ok");
}

static void return_at_once(void *unused)
{
    (void)unused;
    began();
}

static void give_up(void *value)
{
    began();
    note("err");
    tasklet_exit(NUMBER(value));
}

static void crash(void *unused)
{
    (void)unused;
    began();
    note("crash");
    panic("supervisor_suite: a failure of our own");
}

static void wait_for_end(void *unused)
{
    (void)unused;
    began();
    int result = semaphore_take(&gate, FOREVER);

    note(result == -ECANCELED ? "cancelled" : "gate");
}

// Fails twice, then runs well.
static void recover(void *unused)
{
    (void)unused;
    began();
    if (children[0].starts <= 2) {
        tasklet_exit(-EIO);
    }
    note("well");
}

static void begin(unsigned count)
{
    memset(children, 0, sizeof children);
    memset(times, 0, sizeof times);
    started = 0;
    boss.count = (uint16_t)count;
    boss.most = 0;
    boss.within_ms = 1000;
    boss.backoff_ms = 0;
    boss.backoff_max_ms = 0;
    boss.report = NULL;
}

static void child(unsigned i, void (*fn)(void *), void *arg, enum restart restart)
{
    children[i].name = i == 0 ? "one" : "two";
    children[i].fn = fn;
    children[i].arg = arg;
    children[i].memory = memory[i];
    children[i].size = sizeof memory[i];
    children[i].restart = (uint8_t)restart;
}

static void once(void)
{
    begin(2);
    child(0, succeed, NULL, RESTART_NEVER);
    child(1, give_up, ARG(-EIO), RESTART_NEVER);
    CHECK_IS(supervisor_run(&boss, FOREVER), 0);
    CHECK_TRACE("ok err");
    CHECK_IS(children[0].last, 0);
    CHECK_IS(children[1].last, -EIO);
    CHECK_IS(children[1].starts, 1);
    CHECK_IS(boss.group.alive, 0);
}

// Whatever has become of them before, all are started at once.
static void once_more(void)
{
    begin(2);
    child(0, succeed, NULL, RESTART_NEVER);
    child(1, give_up, ARG(-EIO), RESTART_NEVER);
    boss.backoff_ms = boss.backoff_max_ms = 1000;
    CHECK_IS(supervisor_run(&boss, FOREVER), 0);
    uint64_t before = time_now();

    CHECK_IS(supervisor_run(&boss, FOREVER), 0);
    CHECK(!suite_exact() || time_now() - before < ticks_from_ms(1000));
    CHECK_TRACE("ok err ok err");
}

static void one_is_done_before(void)
{
    begin(2);
    child(0, succeed, NULL, RESTART_NEVER);
    child(1, give_up, ARG(-EIO), RESTART_ON_ERROR);
    boss.most = 2;
    CHECK_IS(supervisor_run(&boss, FOREVER), -ENOTRECOVERABLE);
    CHECK_TRACE("ok err err");
}

static void gives_up_at_the_first(void)
{
    begin(1);
    child(0, give_up, ARG(-EIO), RESTART_ON_ERROR);
    boss.most = 1;
    CHECK_IS(supervisor_run(&boss, FOREVER), -ENOTRECOVERABLE);
    CHECK_TRACE("err");
}

// What stands behind its children in memory is nothing to it.
static void no_more_than_its_own(void)
{
    static struct tasklet ended = { .waiter.ended = TASKLET_EXITED };

    begin(1);
    child(0, wait_for_end, NULL, RESTART_ALWAYS);
    children[1] = (struct child){ .tasklet = &ended, .done = 1, .failures = 7 };
    CHECK_IS(supervisor_run(&boss, after_ms(1)), -ETIMEDOUT);
    CHECK(children[1].tasklet == &ended && children[1].done == 1 && children[1].failures == 7);
    CHECK_TRACE("cancelled");
}

static void again_on_error(void)
{
    begin(2);
    child(0, recover, NULL, RESTART_ON_ERROR);
    child(1, wait_for_end, NULL, RESTART_NEVER);
    semaphore_give(&gate);
    CHECK_IS(supervisor_run(&boss, FOREVER), 0);
    CHECK_IS(children[0].starts, 3);
    CHECK_IS(children[0].last, 0);
    CHECK_IS(children[1].starts, 1);
}

static void again_always(void)
{
    begin(1);
    child(0, return_at_once, NULL, RESTART_ALWAYS);
    boss.backoff_ms = boss.backoff_max_ms = 1;
    CHECK_IS(supervisor_run(&boss, after_ms(20)), -ETIMEDOUT);
    CHECK(children[0].starts <= 20);
    CHECK(!suite_exact() || children[0].starts >= 18);
    CHECK_IS(children[0].failures, 0);
    CHECK_IS(boss.group.alive, 0);
}

static void failure_is_contained(void)
{
    begin(2);
    child(0, crash, NULL, RESTART_NEVER);
    child(1, succeed, NULL, RESTART_NEVER);
    CHECK_IS(supervisor_run(&boss, FOREVER), 0);
    CHECK_TRACE("crash ok");
    CHECK_IS(children[0].last, -EFAULT);
    CHECK(strcmp(children[0].why, "supervisor_suite: a failure of our own") == 0);
    CHECK(children[1].why == NULL);
}

// 1, 2, 4, 4 ms between the starts, and the fifth failure is one too many.
static void back_off_and_give_up(void)
{
    static const uint32_t pauses[] = { 1, 2, 4, 4 };

    begin(2);
    child(0, give_up, ARG(-EIO), RESTART_ON_ERROR);
    child(1, wait_for_end, NULL, RESTART_ALWAYS);
    boss.backoff_ms = 1;
    boss.backoff_max_ms = 4;
    boss.most = 5;
    boss.within_ms = 100000;
    CHECK_IS(supervisor_run(&boss, FOREVER), -ENOTRECOVERABLE);
    CHECK_TRACE("err err err err err cancelled");
    CHECK_IS(started, 6);
    uint64_t before = times[0];

    for (unsigned i = 0; i < 4; i++) {
        uint64_t next = times[i + 2],
                 pause = ticks_from_ms(pauses[i]); // times[1] is the other child's

        CHECK(next - before >= pause);
        CHECK(!suite_exact() || next - before <= pause + ticks_from_us(50));
        before = next;
    }
    CHECK_IS(children[0].starts, 5);
    CHECK_IS(boss.group.alive, 0);
}

// Failures that are far apart are not counted together.
static void slow_failures(void)
{
    begin(1);
    child(0, give_up, ARG(-EIO), RESTART_ON_ERROR);
    boss.backoff_ms = boss.backoff_max_ms = 2;
    boss.most = 2;
    boss.within_ms = 1;
    CHECK_IS(supervisor_run(&boss, after_ms(20)), -ETIMEDOUT);
    CHECK(children[0].starts >= 3 || !suite_exact());
}

static unsigned reported;

static void count_report(const struct child *c)
{
    reported += c->tasklet == NULL;
}

static void run_boss(void *result)
{
    *(int *)result = supervisor_run(&boss, FOREVER);
    tasklet_cancel(tasklet_self());
    CHECK_IS(sleep_ms(1), -ECANCELED); // it is not shielded any more
}

static void cancelled(void)
{
    int result = 1;

    begin(2);
    child(0, wait_for_end, NULL, RESTART_ALWAYS);
    child(1, wait_for_end, NULL, RESTART_ON_ERROR);
    boss.report = count_report;
    reported = 0;
    struct tasklet *t = worker("boss", run_boss, &result);

    tasklet_yield();
    tasklet_yield();
    CHECK_IS(boss.group.alive, 2);
    tasklet_cancel(t);
    workers_join();
    CHECK_IS(result, -ECANCELED);
    CHECK_IS(reported, 2);
    CHECK_TRACE("cancelled cancelled");
    CHECK_IS(boss.group.alive, 0);
}

// The failures before were long ago.
static void each_end_is_told(void)
{
    begin(1);
    sleep_ms(boss.within_ms + 1);
    reported = 0;
    child(0, give_up, ARG(-EIO), RESTART_ON_ERROR);
    boss.report = count_report;
    boss.most = 3;
    CHECK_IS(supervisor_run(&boss, FOREVER), -ENOTRECOVERABLE);
    CHECK_IS(reported, 3);
    CHECK_IS(children[0].last, -EIO);
    CHECK_TRACE("err err err");
}

// ---- The count of failures in a row ----

static uint16_t failures_before;
static uint64_t failed_at;

// Called before the failure is counted.
static void set_failures(const struct child *c)
{
    children[c - children].failures = failures_before;
    failed_at = time_now();
}

// One failure after so many in a row; the next start is too far off to come.
static void fail_after(uint16_t failures, uint32_t backoff_ms, uint32_t backoff_max_ms)
{
    begin(1);
    child(0, give_up, ARG(-EIO), RESTART_ON_ERROR);
    failures_before = failures;
    boss.report = set_failures;
    boss.backoff_ms = backoff_ms;
    boss.backoff_max_ms = backoff_max_ms;
    CHECK_IS(supervisor_run(&boss, after_ms(20)), -ETIMEDOUT);
    CHECK_TRACE("err");
}

static void pauses_do_not_overflow(void)
{
    uint64_t before = time_now();

    fail_after(1, UINT32_MAX / 2 + 1, UINT32_MAX);
    CHECK_IS(children[0].failures, 2);
    CHECK(children[0].next.ticks - before >= ticks_from_ms(UINT32_MAX));
    fail_after(UINT16_MAX, 1000, 2000);
    CHECK_IS(children[0].failures, 1);
}

// Doubled to the millisecond, as far as it can be.
static void long_pauses(void)
{
    static const uint32_t pauses[] = { UINT32_MAX / 3 + 1, UINT32_MAX / 2 };

    for (unsigned i = 0; i < 2; i++) {
        uint64_t before = time_now(), doubled = ticks_from_ms(2 * pauses[i]);

        fail_after(1, pauses[i], UINT32_MAX);
        CHECK(children[0].next.ticks - before >= doubled);
        CHECK(children[0].next.ticks - failed_at <= doubled);
    }
}

// A row of failures grows, however long the program has run.
static void short_runs(void)
{
    sleep_ms(boss.within_ms + 1);
    fail_after(7, 1000, 1000);
    CHECK_IS(children[0].failures, 8);
}

static void give_up_late(void *value)
{
    sleep_ms(3);
    give_up(value);
}

// A long run ends the row: the back-off begins anew.
static void long_run(void)
{
    begin(1);
    child(0, give_up_late, ARG(-EIO), RESTART_ON_ERROR);
    failures_before = 7;
    boss.report = set_failures;
    boss.within_ms = 1;
    boss.backoff_ms = 1000;
    boss.backoff_max_ms = 100000;
    CHECK_IS(supervisor_run(&boss, after_ms(100)), -ETIMEDOUT);
    CHECK_IS(children[0].failures, 1);
    CHECK_TRACE("err");
}

// What an earlier run has counted is forgotten.
static void counts_begin_anew(void)
{
    begin(1);
    child(0, give_up, ARG(-EIO), RESTART_ON_ERROR);
    children[0].failures = boss.failures = 7;
    boss.window = time_now();
    boss.most = 2;
    boss.backoff_ms = boss.backoff_max_ms = 1000;
    CHECK_IS(supervisor_run(&boss, after_ms(5)), -ETIMEDOUT);
    CHECK_IS(children[0].failures, 1);
    CHECK_IS(boss.failures, 1);
    CHECK_TRACE("err");
}

// Two wait for their start, the second longer: the first is not late.
static void earliest_start_counts(void)
{
    begin(2);
    child(0, give_up, ARG(-EIO), RESTART_ON_ERROR);
    child(1, give_up_late, ARG(-EIO), RESTART_ON_ERROR);
    boss.backoff_ms = boss.backoff_max_ms = 20;
    CHECK_IS(supervisor_run(&boss, after_ms(30)), -ETIMEDOUT);
    CHECK(children[0].starts == 2 || !suite_exact());
    CHECK_TRACE("err err err err");
}

int main(void)
{
    static const struct suite_case cases[] = {
        CASE(once),
        CASE(once_more),
        CASE(one_is_done_before),
        CASE(gives_up_at_the_first),
        CASE(no_more_than_its_own),
        CASE(again_on_error),
        CASE(again_always),
        CASE(failure_is_contained),
        CASE(back_off_and_give_up),
        CASE(slow_failures),
        CASE(cancelled),
        CASE(each_end_is_told),
        CASE(pauses_do_not_overflow),
        CASE(long_pauses),
        CASE(short_runs),
        CASE(long_run),
        CASE(counts_begin_anew),
        CASE(earliest_start_counts),
    };

    SUITE_RUN("supervisor", cases);
}

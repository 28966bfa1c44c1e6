// SPDX-License-Identifier: MIT
//
// Groups, clean-up, and failures that stop at the group: assertions everywhere, faults and overflows where
// the processor reports them.
#include "kernel/group.h"

#include <errno.h>
#include <string.h>

#include "kernel/defer.h"
#include "kernel/mutex.h"
#include "kernel/semaphore.h"
#include "kernel/service.h"
#include "tests/kernel/suite.h"

enum { MEMBERS = 3, STACK = WORKER_STACK + 512 };

static GROUP(crew, "crew");
static TASKLET_MEMORY(memory[MEMBERS], STACK);
static struct tasklet *members[MEMBERS];
static struct semaphore gate = SEMAPHORE_INIT(gate, "gate", 0);
static struct mutex mutex = MUTEX_INIT(mutex, "mutex");
static struct defer records[4];
static void *volatile nowhere; // so that the compiler does not see what we are up to
static volatile float number;

static void member(unsigned i, const char *name, void (*fn)(void *), void *arg)
{
    members[i] = group_spawn(&crew, name, fn, arg, memory[i], sizeof memory[i]);
}

static void wait_at_gate(void *value)
{
    int result = semaphore_take(&gate, FOREVER);

    step(result == -ECANCELED ? 9 : 0);
    tasklet_exit(result < 0 ? result : NUMBER(value));
}

// ---- Together ----

static void joined_together(void)
{
    member(0, "A", wait_at_gate, ARG(0));
    member(1, "B", wait_at_gate, ARG(0));
    CHECK_IS(crew.alive, 2);
    CHECK_IS(group_join(&crew, NOWAIT), -EAGAIN);
    CHECK_IS(group_join(&crew, suite_soon()), -ETIMEDOUT);
    semaphore_give(&gate);
    CHECK_IS(group_join(&crew, suite_soon()), -ETIMEDOUT);
    semaphore_give(&gate);
    CHECK_IS(group_join(&crew, FOREVER), 0);
    CHECK_IS(crew.alive, 0);
    CHECK_IS(group_join(&crew, NOWAIT), 0);
    CHECK_TRACE("A0 B0");
}

static void first_error_is_told(void)
{
    member(0, "A", wait_at_gate, ARG(1));
    member(1, "B", wait_at_gate, ARG(-EIO));
    member(2, "C", wait_at_gate, ARG(-ENOSPC));
    for (unsigned i = 0; i < MEMBERS; i++) {
        semaphore_give(&gate);
    }
    CHECK_IS(group_join(&crew, FOREVER), -EIO);
    CHECK_IS(group_join(&crew, FOREVER), 0); // once
    CHECK_TRACE("A0 B0 C0");
}

static void one_by_one(void)
{
    CHECK_IS(group_wait(&crew, FOREVER), -ESRCH);
    member(0, "A", wait_at_gate, ARG(0));
    member(1, "B", wait_at_gate, ARG(0));
    CHECK_IS(group_wait(&crew, NOWAIT), -EAGAIN);
    semaphore_give(&gate);
    CHECK_IS(group_wait(&crew, FOREVER), 0);
    CHECK_IS(tasklet_state(members[0]), TASKLET_EXITED);
    CHECK_IS(crew.alive, 1);
    semaphore_give(&gate);
    CHECK_IS(group_wait(&crew, FOREVER), 0);
    CHECK_IS(group_wait(&crew, FOREVER), -ESRCH);
    CHECK_TRACE("A0 B0");
}

static void nobody_joins_a_member(void)
{
    member(0, "A", wait_at_gate, ARG(0));
    CHECK_IS(tasklet_join(members[0], FOREVER), -EBUSY);
    CHECK_IS(group_end(&crew, FOREVER), 0);
    CHECK_TRACE("A9");
}

static void hold_out(void *unused)
{
    (void)unused;
    tasklet_shield();
    semaphore_take(&gate, FOREVER);
    tasklet_unshield();
    step(0);
}

static void ended_together(void)
{
    member(0, "A", wait_at_gate, ARG(0));
    member(1, "B", wait_at_gate, ARG(0));
    tasklet_yield();
    CHECK_IS(group_cancel(&crew), 2);
    CHECK_IS(group_join(&crew, FOREVER), -ECANCELED);
    member(0, "C", hold_out, NULL);
    tasklet_yield();
    CHECK_IS(group_end(&crew, suite_soon()), -ETIMEDOUT);
    CHECK_IS(crew.alive, 1);
    semaphore_give(&gate);
    CHECK_IS(group_end(&crew, FOREVER), 0);
    CHECK_IS(group_end(&crew, FOREVER), 0); // nobody is left
    CHECK_TRACE("A9 B9 C0");
}

static void give_later(void *unused)
{
    (void)unused;
    sleep_until(suite_soon());
    note("later");
    semaphore_give(&gate);
}

// One ends at once and says that it was cancelled, the other later: all have ended, and nothing of it is left.
static void ended_one_by_one(void)
{
    member(0, "A", wait_at_gate, ARG(0));
    member(1, "B", hold_out, NULL);
    worker("C", give_later, NULL);
    tasklet_yield();
    CHECK_IS(group_end(&crew, FOREVER), 0);
    CHECK_IS(crew.alive, 0);
    CHECK_IS(group_join(&crew, FOREVER), 0);
    CHECK_TRACE("A9 later B0");
}

static void join_crew(void *unused)
{
    (void)unused;
    CHECK_IS(group_join(&crew, FOREVER), 0);
    step(1);
}

static void several_wait(void)
{
    member(0, "A", wait_at_gate, ARG(0));
    worker("X", join_crew, NULL);
    worker("Y", join_crew, NULL);
    tasklet_yield();
    semaphore_give(&gate);
    workers_join();
    CHECK_TRACE("A0 X1 Y1");
}

// ---- Clean-up ----

static void say(void *token)
{
    note(token);
}

static void say_after_a_while(void *token)
{
    sleep_until(after_us(100));
    note(token);
}

static void returns(void *unused)
{
    (void)unused;
    defer(&records[0], say, "first");
    defer(&records[1], say_after_a_while, "second");
    step(0);
}

static void exits(void *unused)
{
    (void)unused;
    defer(&records[0], say, "first");
    tasklet_exit(3);
}

static void last_in_first_out(void)
{
    struct tasklet *t = worker("A", returns, NULL);

    CHECK_IS(worker_join(t), 0);
    CHECK_TRACE("A0 second first");
    t = worker("A", exits, NULL);
    CHECK_IS(worker_join(t), 3);
    CHECK_TRACE("first");
}

static void takes_back(void *unused)
{
    (void)unused;
    defer(&records[0], say, "first");
    defer(&records[1], say, "second");
    defer(&records[2], say, "third");
    defer_run(&records[1]);
    defer_forget(&records[0]);
    step(0);
}

static void taken_back(void)
{
    worker("A", takes_back, NULL);
    workers_join();
    CHECK_TRACE("second A0 third");
}

static void cancelled_in_clean_up(void *unused)
{
    (void)unused;
    defer(&records[0], say_after_a_while, "clean");
    tasklet_cancel(tasklet_self());
}

static void clean_up_is_not_cancelled(void)
{
    worker("A", cancelled_in_clean_up, NULL);
    workers_join();
    CHECK_TRACE("clean");
}

// ---- Failures ----

static void fail(void)
{
    panic("group_suite: a failure of our own");
}

static void __attribute__((noinline)) fail_below(unsigned depth)
{
    volatile unsigned here = depth;

    if (depth == 0) {
        fail();
    }
    if (nowhere == NULL) { // always
        fail_below(depth - 1);
    }
    here++;
}

static void fail_at(void *depth)
{
    defer(&records[0], say, "clean");
    fail_below((unsigned)NUMBER(depth));
}

static void go_on(void *unused)
{
    (void)unused;
    for (int i = 1; i <= 3; i++) {
        tasklet_yield();
        step(i);
    }
}

static void assertion_ends_one(void)
{
    member(0, "A", fail_at, ARG(0));
    member(1, "B", go_on, NULL);
    CHECK_IS(group_join(&crew, FOREVER), -EFAULT);
    CHECK_TRACE("clean B1 B2 B3");
    CHECK(strcmp(tasklet_failure(members[0]), "group_suite: a failure of our own") == 0);
    CHECK(tasklet_failure(members[1]) == NULL);
    CHECK_IS(tasklet_state(members[0]), TASKLET_EXITED);
}

static void fail_with_long_clean_up(void *unused)
{
    (void)unused;
    defer(&records[0], say_after_a_while, "clean");
    fail();
}

// The clean-up waits, in a call of its own; what is told is what it failed of.
static void clean_up_waits(void)
{
    member(0, "A", fail_with_long_clean_up, NULL);
    CHECK_IS(group_join(&crew, FOREVER), -EFAULT);
    CHECK_TRACE("clean");
    CHECK(strcmp(tasklet_failure(members[0]), "group_suite: a failure of our own") == 0);
}

static void memory_is_used_again(void)
{
    for (int depth = 0; depth < 4; depth++) {
        member(0, "A", fail_at, ARG(depth));
        CHECK_IS(group_join(&crew, FOREVER), -EFAULT);
        CHECK_TRACE("clean");
    }
    member(0, "A", go_on, NULL);
    CHECK_IS(group_join(&crew, FOREVER), 0);
    CHECK_TRACE("A1 A2 A3");
}

// Misuse of the kernel, found by the kernel.
static void unlocks_anothers(void *unused)
{
    (void)unused;
    mutex_unlock(&mutex);
}

static void misuse_ends_one(void)
{
    CHECK_IS(mutex_lock(&mutex, FOREVER), 0);
    member(0, "A", unlocks_anothers, NULL);
    CHECK_IS(group_join(&crew, FOREVER), -EFAULT);
    CHECK(mutex.owner == tasklet_self());
    mutex_unlock(&mutex);
}

static void fail_with_mutex(void *unused)
{
    (void)unused;
    CHECK_IS(mutex_lock(&mutex, FOREVER), 0);
    defer(&records[0], mutex_abandon, &mutex);
    tasklet_yield();
    tasklet_yield(); // others wait for it now
    fail();
}

static void lock(void *unused)
{
    (void)unused;
    int result = mutex_lock(&mutex, FOREVER);

    step(result == -EOWNERDEAD ? 7 : result);
    mutex_unlock(&mutex);
}

static void mutex_of_the_dead(void)
{
    member(0, "A", fail_with_mutex, NULL);
    tasklet_yield();
    worker("B", lock, NULL);
    worker("C", lock, NULL);
    CHECK_IS(group_join(&crew, FOREVER), -EFAULT);
    workers_join();
    CHECK_TRACE("B7 C0");
    member(0, "A", fail_with_mutex, NULL); // this time nobody waits
    CHECK_IS(group_join(&crew, FOREVER), -EFAULT);
    CHECK_IS(mutex_lock(&mutex, NOWAIT), -EOWNERDEAD);
    mutex_unlock(&mutex);
    CHECK_IS(mutex_lock(&mutex, NOWAIT), 0);
    mutex_unlock(&mutex);
    mutex_abandon(&mutex); // nobody has it
    CHECK(mutex.owner == NULL);
}

static SERVICE(oracle, int, int);

static void close_oracle(void *service)
{
    service_close(service);
}

static void fail_as_server(void *unused)
{
    static struct call call;
    int request;

    (void)unused;
    defer(&records[0], close_oracle, &oracle);
    service_recv(&oracle, &request, &call, FOREVER);
    fail();
}

static void callers_of_the_dead(void)
{
    int question = 1, answer = 0;

    member(0, "A", fail_as_server, NULL);
    CHECK_IS(service_call(&oracle, &question, &answer, FOREVER), -EPIPE);
    CHECK_IS(group_join(&crew, FOREVER), -EFAULT);
}

static void fault(void *unused)
{
    (void)unused;
    number = number * 2.0f; // floating-point state is given up with the rest
    defer(&records[0], say, "clean");
    ((void (*)(void))nowhere)();
}

static unsigned __attribute__((noinline)) descend(unsigned n)
{
    volatile unsigned here[4] = { n };

    return n == 0 ? 0 : descend(n - 1) + here[0];
}

static void overflow(void *unused)
{
    (void)unused;
    defer(&records[0], say_after_a_while, "clean");
    descend(1000000);
}

#if defined(__linux__)
enum { REPORTS_FAULTS = ARCH_GUARD_SIZE != 0, REPORTS_OVERFLOWS = REPORTS_FAULTS };
#elif defined(__ARM_ARCH_6M__)
enum { REPORTS_FAULTS = 1, REPORTS_OVERFLOWS = 0 };
#else
enum { REPORTS_FAULTS = 1, REPORTS_OVERFLOWS = CONFIG_GUARD };
#endif

static void fault_ends_one(void)
{
    for (int i = 0; REPORTS_FAULTS && i < 3; i++) {
        member(0, "A", fault, NULL);
        member(1, "B", go_on, NULL);
        CHECK_IS(group_join(&crew, FOREVER), -EFAULT);
        CHECK_TRACE("clean B1 B2 B3");
        CHECK(strstr(tasklet_failure(members[0]), "fault") != NULL);
        number = number + 1.0f;
    }
}

static void overflow_ends_one(void)
{
    for (int i = 0; REPORTS_OVERFLOWS && i < 3; i++) {
        memset(memory[1], 0x5A, sizeof memory[1]);
        member(2, "A", overflow, NULL);
        CHECK_IS(group_join(&crew, FOREVER), -EFAULT);
        CHECK_TRACE("clean");
        CHECK(strcmp(tasklet_failure(members[2]), "stack overflow") == 0);
        for (size_t n = 0; n < sizeof memory[1]; n++) {
            CHECK(memory[1][n] == 0x5A); // the neighbour below
        }
    }
}

int main(void)
{
    static const struct suite_case cases[] = {
        CASE(joined_together),      CASE(first_error_is_told),
        CASE(one_by_one),           CASE(nobody_joins_a_member),
        CASE(ended_together),       CASE(ended_one_by_one),
        CASE(several_wait),         CASE(last_in_first_out),
        CASE(taken_back),           CASE(clean_up_is_not_cancelled),
        CASE(assertion_ends_one),   CASE(clean_up_waits),
        CASE(memory_is_used_again), CASE(misuse_ends_one),
        CASE(mutex_of_the_dead),    CASE(callers_of_the_dead),
        CASE(fault_ends_one),       CASE(overflow_ends_one),
    };

    SUITE_RUN("group", cases);
}

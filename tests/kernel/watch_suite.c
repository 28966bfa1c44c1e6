// SPDX-License-Identifier: MIT
//
// Who waits for what, circles of those who wait for each other, and tasklets that do not give way.
#include <errno.h>
#include <string.h>

#include "kernel/chan.h"
#include "kernel/mutex.h"
#include "kernel/panic.h"
#include "kernel/reason.h"
#include "kernel/semaphore.h"
#include "kernel/service.h"
#include "kernel/watch.h"
#include "tests/kernel/suite.h"

enum { NAMES = 3, LIMIT_MS = 2 };

static struct mutex mutexes[NAMES] = { MUTEX_INIT(mutexes[0], "first"),
                                       MUTEX_INIT(mutexes[1], "second"),
                                       MUTEX_INIT(mutexes[2], "third") };
static CHAN(jobs, int, 0);
static SERVICE(disk, int, int);
static struct call call;
static struct waitq door = WAITQ_INIT(door, NULL);
static struct tasklet *tasklets[NAMES];
static char line[100];

static void append(void *unused, const char *piece)
{
    (void)unused;
    strncat(line, piece, sizeof line - strlen(line) - 1);
}

#define CHECK_LINE(t, expected)                                                                    \
    do {                                                                                           \
        line[0] = '\0';                                                                            \
        reason_print(t, append, NULL);                                                             \
        CHECK(strcmp(line, expected) == 0);                                                        \
    } while (0)

// ---- Reasons ----

static void receive(void *unused)
{
    int job;

    (void)unused;
    chan_recv(&jobs, &job, FOREVER);
}

static void sleep_long(void *unused)
{
    (void)unused;
    sleep_ms(100000);
}

static void at_door(void *unused)
{
    (void)unused;
    wait_on(&door, "knock", FOREVER);
}

static void ends_all(struct tasklet *a, struct tasklet *b, struct tasklet *c)
{
    tasklet_cancel(a);
    tasklet_cancel(b);
    tasklet_cancel(c);
    tasklet_yield(); // nobody joins anybody any more
    workers_join();
}

static void reasons(void)
{
    struct tasklet *a = worker("A", receive, NULL), *b = worker("B", sleep_long, NULL),
                   *c = worker("C", at_door, NULL);

    CHECK_LINE(a, "A is ready");
    tasklet_yield();
    CHECK_LINE(a, "A waits in chan_recv on jobs");
    CHECK_LINE(b, "B waits in sleep");
    CHECK_LINE(c, "C waits in knock");
    CHECK(tasklet_reason(b).limited && !tasklet_reason(a).limited);
    CHECK(tasklet_reason(a).holder == NULL);
    CHECK(tasklet_reason(tasklet_self()).in == NULL);
    ends_all(a, b, c);
}

static void lock_first(void *unused)
{
    (void)unused;
    mutex_lock(&mutexes[0], FOREVER);
}

static void join_it(void *t)
{
    tasklet_join(t, FOREVER);
}

static void call_disk(void *unused)
{
    int request = 1, reply;

    (void)unused;
    service_call(&disk, &request, &reply, FOREVER);
}

static void holders(void)
{
    int request;

    CHECK_IS(mutex_lock(&mutexes[0], FOREVER), 0);
    struct tasklet *a = worker("A", lock_first, NULL), *b = worker("B", join_it, a),
                   *c = worker("C", call_disk, NULL);

    tasklet_yield();
    CHECK_LINE(a, "A waits in mutex_lock on first, held by main");
    CHECK_LINE(b, "B waits in tasklet_join for A");
    CHECK_LINE(c, "C waits in service_call on disk");
    CHECK_IS(service_recv(&disk, &request, &call, NOWAIT), 0);
    CHECK_LINE(c, "C waits in service_call on disk, held by main");
    CHECK_IS(service_refuse(&call, -EIO), 0);
    CHECK(deadlocked(NULL) == NULL);
    mutex_unlock(&mutexes[0]);
    worker_join(b); // who joins A
    workers_join();
    mutexes[0].owner = NULL; // A has ended with it
}

static void wait_as_a_joiner(void *unused)
{
    (void)unused;
    wait_alone(in_tasklet_join, FOREVER);
}

static void join_of_nobody(void)
{
    struct tasklet *t = worker("A", wait_as_a_joiner, NULL);

    tasklet_yield();
    CHECK_LINE(t, "A waits in tasklet_join");
    tasklet_cancel(t);
    tasklet_yield(); // before its worker is joined
    workers_join();
}

// ---- Circles ----

// Locks its own, then that of the next.
static void lock_two(void *number)
{
    unsigned i = (unsigned)NUMBER(number), n = tasklets[2] != NULL ? 3 : 2;

    CHECK_IS(mutex_lock(&mutexes[i], FOREVER), 0);
    tasklet_yield();
    int result = mutex_lock(&mutexes[(i + 1) % n], FOREVER);

    if (result == 0) {
        mutex_unlock(&mutexes[(i + 1) % n]);
    }
    mutex_unlock(&mutexes[i]);
}

static void circle(unsigned n)
{
    static const char *const names[NAMES] = { "A", "B", "C" };

    memset(tasklets, 0, sizeof tasklets);
    for (unsigned i = 0; i < n; i++) {
        tasklets[i] = worker(names[i], lock_two, ARG(i));
    }
    if (n == 3) {
        CHECK(tasklets[2] != NULL);
    }
    tasklet_yield();
    tasklet_yield();
    const struct tasklet *found = NULL;

    for (unsigned i = 0; i < n; i++) {
        found = deadlocked(found);
        CHECK(found == tasklets[i]);
    }
    CHECK(deadlocked(found) == NULL);
    CHECK(strcmp(tasklet_reason(tasklets[0]).holder->name, "B") == 0);
    tasklet_cancel(tasklets[0]);
    tasklet_yield();
    CHECK(deadlocked(NULL) == NULL);
    workers_join();
}

static void circle_of_two(void)
{
    circle(2);
}

static void circle_of_three(void)
{
    circle(3);
}

static void join_other(void *number)
{
    tasklet_join(tasklets[NUMBER(number)], FOREVER);
}

// Two that join each other, and one that waits for them without being part of the circle.
static void circle_of_joins(void)
{
    tasklets[0] = worker("A", join_other, ARG(1));
    tasklets[1] = worker("B", join_other, ARG(0));
    mutexes[0].owner = tasklets[0];
    tasklets[2] = worker("C", lock_first, NULL);
    tasklet_yield();
    CHECK(deadlocked(NULL) == tasklets[0]);
    CHECK(deadlocked(tasklets[0]) == tasklets[1]);
    CHECK(deadlocked(tasklets[1]) == NULL);
    mutexes[0].owner = NULL;
    ends_all(tasklets[0], tasklets[1], tasklets[2]);
}

static void lock_with_limit(void *unused)
{
    (void)unused;
    CHECK_IS(mutex_lock(&mutexes[1], FOREVER), 0);
    tasklet_yield();
    CHECK_IS(mutex_lock(&mutexes[0], suite_soon()), -ETIMEDOUT);
    mutex_unlock(&mutexes[1]);
}

static void a_limit_is_a_way_out(void)
{
    memset(tasklets, 0, sizeof tasklets);
    tasklets[0] = worker("A", lock_two, ARG(0));
    tasklets[1] = worker("B", lock_with_limit, NULL);
    tasklet_yield();
    tasklet_yield();
    CHECK(deadlocked(NULL) == NULL);
    workers_join();
}

// ---- The watch ----

static volatile unsigned hogs, deadlocks;
static volatile uint32_t hog_ms;
static volatile uintptr_t hog_at;
static const struct tasklet *volatile hog_is;

static void count_reports(const struct watch_report *r)
{
    if (r->event == WATCH_DEADLOCK) {
        deadlocks++;
        return;
    }
    hogs++;
    hog_ms = r->ms;
    hog_at = r->at;
    hog_is = r->tasklet;
}

static void spin(void *ms)
{
    spin_until(after_ms((uint32_t)NUMBER(ms)));
}

// Told after one limit, two and four; not of who gives way in time.
static void hog(void)
{
    if (!CONFIG_ACCOUNT) {
        return;
    }
    hogs = 0;
    watch_start(LIMIT_MS, count_reports);
    struct tasklet *t = worker("A", spin, ARG(LIMIT_MS * 7));

    workers_join();
    CHECK(hogs == 3 || !suite_exact());
    CHECK(hogs >= 3);
    CHECK_IS(hog_is, t);
    CHECK(hog_ms == 4 * LIMIT_MS || !suite_exact());
    CHECK(hog_at == 0 || arch_is_image((const void *)hog_at));
    unsigned before = hogs;

    for (int i = 0; i < 5; i++) {
        sleep_ms(LIMIT_MS);
    }
    CHECK(hogs == before || !suite_exact());
    watch_stop();
}

static void lock_each_others(void)
{
    deadlocks = 0;
    memset(tasklets, 0, sizeof tasklets);
    tasklets[0] = worker("A", lock_two, ARG(0));
    tasklets[1] = worker("B", lock_two, ARG(1));
    sleep_ms(LIMIT_MS * 5);
}

static void circle_is_told_once(void)
{
    if (!CONFIG_ACCOUNT) {
        return;
    }
    watch_start(1, count_reports);
    watch_start(LIMIT_MS, count_reports); // changes it
    sleep_ms(LIMIT_MS * 2);
    lock_each_others();
    CHECK_IS(deadlocks, 2);
    watch_stop();
    tasklet_cancel(tasklets[0]);
    workers_join();
}

static void circle_after_the_watch(void)
{
    watch_start(LIMIT_MS, count_reports);
    sleep_ms(LIMIT_MS * 2);
    watch_stop();
    lock_each_others();
    CHECK_IS(deadlocks, 0);
    tasklet_cancel(tasklets[0]);
    workers_join();
}

// ---- The alarm, when the slice has lasted for some time: in virtual time, where a tick is a nanosecond ----

void __real_clock_alarm(uint32_t at);
void __wrap_clock_alarm(uint32_t at);

static unsigned alarms_set;
static uint32_t alarm_at;

// The linker puts this in its place (watch_suite.mk).
void __wrap_clock_alarm(uint32_t at)
{
    alarms_set++;
    alarm_at = at;
    __real_clock_alarm(at);
}

static uint32_t ran_us;

static void alarm_in_a_slice(void)
{
    account_since = clock_read() - 1000 * ran_us;
    alarms_set = 0;
    time_alarm();
}

static void alarm_again(void)
{
    alarms_set = 0;
    time_alarm();
}

// Is the next one set for so many milliseconds of the slice?
static bool alarm_set_for(uint32_t ms)
{
    return alarms_set == 1 && alarm_at - account_since == (uint32_t)ticks_from_ms(ms);
}

static bool begin_slices(uint32_t limit_ms)
{
    hogs = 0;
    if (CONFIG_ACCOUNT && suite_exact()) {
        watch_start(limit_ms, count_reports);
        return true;
    }
    return false;
}

// After one limit, two and four; the alarm may come late, or for something else.
static void alarms_of_a_slice(void)
{
    if (begin_slices(LIMIT_MS)) {
        ran_us = 1000 * LIMIT_MS / 2;
        suite_interrupt(alarm_in_a_slice);
        CHECK(hogs == 0 && alarm_set_for(LIMIT_MS));
        ran_us = 1000 * LIMIT_MS * 5 / 2;
        suite_interrupt(alarm_in_a_slice);
        CHECK(hogs == 1 && alarm_set_for(2 * LIMIT_MS));
        suite_interrupt(alarm_again);
        CHECK(hogs == 2 && alarm_set_for(4 * LIMIT_MS));
        suite_interrupt(alarm_again);
        CHECK(hogs == 2 && alarm_set_for(4 * LIMIT_MS));
        watch_stop();
        suite_interrupt(alarm_in_a_slice);
        CHECK(hogs == 2 && alarms_set == 0);
    }
}

static void alarm_while_one_is_set(void)
{
    sched.setting_alarm = true;
    alarm_in_a_slice();
    sched.setting_alarm = false;
}

// A handler has come in between, and must not set it to something else.
static void no_alarm_within_an_alarm(void)
{
    if (begin_slices(LIMIT_MS)) {
        ran_us = 1000 * LIMIT_MS * 2;
        suite_interrupt(alarm_while_one_is_set);
        CHECK(hogs == 0 && alarms_set == 0);
        watch_stop();
    }
}

// Far beyond any limit the alarm cannot be set; an alarm of a timer's finds the hog all the same, once.
static void a_limit_beyond_the_alarm(void)
{
    if (begin_slices(600)) {
        ran_us = 1000;
        suite_interrupt(alarm_in_a_slice);
        CHECK(hogs == 0 && alarm_set_for(600));
        ran_us = 1500000;
        suite_interrupt(alarm_in_a_slice);
        CHECK(hogs == 1 && hog_ms == 600 && alarms_set == 0);
        suite_interrupt(alarm_again);
        CHECK(hogs == 1 && alarms_set == 0);
        watch_stop();
    }
}

static void put(char c)
{
    size_t n = strlen(line);

    if (n < sizeof line - 1) {
        line[n] = c;
        line[n + 1] = '\0';
    }
}

static void print(const struct watch_report *r, const char *expected)
{
    void (*before)(char) = panic_putc;

    line[0] = '\0';
    panic_putc = put;
    watch_print(r);
    panic_putc = before;
    CHECK(strncmp(line, expected, strlen(expected)) == 0);
}

// So that what is not written is no zero.
static void __attribute__((noinline)) dirty_stack(void)
{
    volatile char junk[256];

    for (size_t i = 0; i < sizeof junk; i++) {
        junk[i] = 'x';
    }
}

static void printed(void)
{
    struct watch_report hog_report = { .event = WATCH_HOG, .tasklet = tasklet_self(), .ms = 1204 };

    dirty_stack();
    print(&hog_report, "\r\nhog: main has held the processor for 1204 ms, at 0x0");
    print(&(struct watch_report){ .event = WATCH_DEADLOCK, .tasklet = tasklet_self() },
          "\r\ndeadlock: main is ready\r\n");
}

int main(void)
{
    static const struct suite_case cases[] = {
        CASE(reasons),
        CASE(holders),
        CASE(join_of_nobody),
        CASE(circle_of_two),
        CASE(circle_of_three),
        CASE(circle_of_joins),
        CASE(a_limit_is_a_way_out),
        CASE(hog),
        CASE(circle_is_told_once),
        CASE(circle_after_the_watch),
        CASE(alarms_of_a_slice),
        CASE(no_alarm_within_an_alarm),
        CASE(a_limit_beyond_the_alarm),
        CASE(printed),
    };

    SUITE_RUN("watch", cases);
}

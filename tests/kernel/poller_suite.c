// SPDX-License-Identifier: MIT
//
// Pollers: a kick is one run, whoever kicks; one that kicks itself lets the tasklets in between.
#include "kernel/poller.h"
#include "kernel/wait.h"
#include "tests/kernel/suite.h"

static void poll_p(struct poller *p);
static void poll_q(struct poller *p);
static void poll_again(struct poller *p);
static void poll_early(struct poller *p);

static struct poller p = POLLER_INIT(poll_p), q = POLLER_INIT(poll_q),
                     again = POLLER_INIT(poll_again), early = POLLER_INIT(poll_early);
static int early_runs, late_runs, left;

static void poll_p(struct poller *self)
{
    CHECK(self == &p);
    CHECK(tasklet_self() == NULL && !arch_in_interrupt());
    note("p");
}

static void poll_q(struct poller *self)
{
    CHECK(self == &q);
    note("q");
}

static void poll_again(struct poller *self)
{
    note("again");
    if (--left > 0) {
        poller_kick(self);
    }
}

static void poll_early(struct poller *unused)
{
    (void)unused;
    early_runs++;
}

static void kick_p(void)
{
    CHECK(arch_in_interrupt());
    poller_kick(&p);
}

static void kick_both_twice(void)
{
    poller_kick(&q);
    poller_kick(&p);
    poller_kick(&q);
    poller_kick(&p);
}

static void once_per_kick(void)
{
    suite_interrupt(kick_p);
    note("main");
    tasklet_yield();
    tasklet_yield();
    CHECK_TRACE("main p");
    suite_interrupt(kick_p);
    suite_interrupt(kick_p);
    tasklet_yield();
    tasklet_yield();
    CHECK_TRACE("p");
}

static void all_that_were_kicked(void)
{
    suite_interrupt(kick_both_twice);
    tasklet_yield();
    tasklet_yield();
    CHECK_TRACE("p q");
}

static void from_a_tasklet(void)
{
    poller_kick(&q);
    note("main");
    tasklet_yield();
    CHECK_TRACE("main q");
}

static void two_steps(void *unused)
{
    (void)unused;
    step(1);
    tasklet_yield();
    step(2);
}

// Before the next tasklet, though that is ready already.
static void before_the_next_tasklet(void)
{
    worker("A", two_steps, NULL);
    worker("B", two_steps, NULL);
    suite_interrupt(kick_p);
    tasklet_yield();
    note("main");
    workers_join();
    CHECK_TRACE("p A1 B1 main A2 B2");
}

static struct waitq door = WAITQ_INIT(door, "door");

static void wait_after_kick(void *unused)
{
    (void)unused;
    suite_interrupt(kick_p);
    step(wait_on(&door, "test", FOREVER));
}

static void before_whom_a_wait_gives_way_to(void)
{
    worker("A", wait_after_kick, NULL);
    tasklet_yield();
    note("main");
    waitq_wake_one(&door);
    workers_join();
    CHECK_TRACE("p main A0");
}

// A ready tasklet has a turn between two runs of a poller that kicks itself.
static void tasklets_between(void)
{
    worker("A", two_steps, NULL);
    worker("B", two_steps, NULL);
    left = 4;
    poller_kick(&again);
    tasklet_yield();
    workers_join();
    while (left > 0) {
        tasklet_yield();
    }
    CHECK_TRACE("again A1 again B1 again again A2 B2");
}

// The same while another poller is kicked, too: neither runs twice in a pass.
static void with_another(void)
{
    worker("A", two_steps, NULL);
    left = 2;
    poller_kick(&p);
    poller_kick(&again);
    tasklet_yield();
    CHECK_TRACE(CONFIG_FAST ? "again p A1 again" : "p again A1 again"); // no order is promised
    left = 2;
    poller_kick(&again);
    poller_kick(&p);
    tasklet_yield();
    CHECK_TRACE("p again A2 again");
}

static void poll_late(struct poller *unused)
{
    (void)unused;
    late_runs++;
}

static struct poller late = POLLER_INIT(poll_late);

static void kick_late(void)
{
    poller_kick(&late);
}

static void kick_at(struct timer *unused)
{
    (void)unused;
    suite_interrupt(kick_late);
}

// A kick in poll context, when there is nothing to run but the sleep. Of a pass with several kicks
// one may be left over as the hint, for a run too many.
static void over_the_scheduler(void)
{
    static struct timer timer = TIMER_INIT(kick_at);

    poller_register(&late);
    tasklet_yield();
    late_runs = 0;
    timer_arm(&timer, after_us(100));
    sleep_ms(1);
    tasklet_yield();
    CHECK(late_runs == 1 || late_runs == 2);
}

static void while_idle(void)
{
    deadline_t d = after_ms(3);

    if (suite_interrupt_at(d, kick_p)) {
        sleep_until((deadline_t){ d.ticks + ticks_from_ms(1) });
        CHECK_TRACE("p");
    }
}

// One that was kicked before it was registered has its run.
static void kicked_before_registration(void)
{
    poller_kick(&early);
    tasklet_yield();
    early_runs = 0;
    poller_register(&early);
    tasklet_yield();
    CHECK_IS(early_runs, 1);
    tasklet_yield();
    CHECK_IS(early_runs, 1);
}

// One that is not registered yet is nobody, whoever is kicked with it.
static void kicked_with_an_unknown_one(void)
{
    static struct poller unknown = POLLER_INIT(poll_early);

    early_runs = 0;
    poller_kick(&unknown);
    poller_kick(&p);
    tasklet_yield();
    CHECK_IS(early_runs, 0);
    CHECK_TRACE("p");
}

// More timers are due than fire in one pass, while another poller kicks itself: neither is forgotten.
enum { DUE = 20 };

static int fired;

static void fire(struct timer *unused)
{
    (void)unused;
    fired++;
}

static void alarm_and_others(void)
{
    time_alarm();
    poller_kick(&again);
    poller_kick(&p);
}

static void many_timers_and_another(void)
{
    static struct timer timers[DUE];

    fired = 0;
    left = 2;
    for (int i = 0; i < DUE; i++) {
        timers[i].fire = fire;
        timer_arm(&timers[i], NOWAIT);
    }
    suite_interrupt(alarm_and_others);
    for (int i = 0; i < 4; i++) {
        tasklet_yield();
    }
    CHECK_IS(fired, DUE);
    CHECK_TRACE("p again again");
}

int main(void)
{
    static const struct suite_case cases[] = {
        CASE(once_per_kick),
        CASE(all_that_were_kicked),
        CASE(from_a_tasklet),
        CASE(before_the_next_tasklet),
        CASE(before_whom_a_wait_gives_way_to),
        CASE(tasklets_between),
        CASE(with_another),
        CASE(over_the_scheduler),
        CASE(while_idle),
        CASE(kicked_before_registration),
        CASE(kicked_with_an_unknown_one),
        CASE(many_timers_and_another),
    };

    poller_register(&p);
    poller_register(&q);
    poller_register(&again);
    tasklet_yield();
    SUITE_RUN("poller", cases);
}

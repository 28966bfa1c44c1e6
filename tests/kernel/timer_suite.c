// SPDX-License-Identifier: MIT
//
// Timers: order, past and future, what a fire function may do, the pass's budget, and a model. What
// timers do for waiting tasklets is in lazy_suite.c.
#include "tests/kernel/suite.h"

// A timer with a letter.
struct lettered {
    struct timer timer;
    const char *letter;
    int fired;
};

static void fire(struct timer *t)
{
    struct lettered *l = container_of(t, struct lettered, timer);

    CHECK(tasklet_self() == NULL);
    CHECK(!arch_in_interrupt());
    CHECK(!timer_armed(t));
    CHECK(suite_on_time((deadline_t){ t->when }));
    l->fired++;
    note(l->letter);
}

#define LETTERED(its_letter, function)                                                             \
    {                                                                                              \
        .timer = TIMER_INIT(function), .letter = (its_letter)                                      \
    }

static struct lettered a = LETTERED("A", fire), b = LETTERED("B", fire), c = LETTERED("C", fire),
                       d = LETTERED("D", fire);

static deadline_t plus_us(deadline_t base, uint32_t us)
{
    return (deadline_t){ base.ticks + ticks_from_us(us) };
}

static void in_order(void)
{
    deadline_t soon = suite_soon();

    timer_arm(&c.timer, plus_us(soon, 300));
    timer_arm(&a.timer, soon);
    timer_arm(&d.timer, plus_us(soon, 301));
    timer_arm(&b.timer, plus_us(soon, 1));
    CHECK(timer_armed(&a.timer) && timers_pending());
    sleep_until(plus_us(soon, 1000));
    CHECK_TRACE("A B C D");
}

static void equal_deadlines(void)
{
    deadline_t soon = suite_soon();

    timer_arm(&d.timer, plus_us(soon, 100));
    timer_arm(&b.timer, soon);
    timer_arm(&a.timer, soon);
    timer_arm(&c.timer, soon);
    sleep_until(plus_us(soon, 200));
    CHECK_TRACE("B A C D");
}

static void fire_late(struct timer *t)
{
    note(container_of(t, struct lettered, timer)->letter);
}

// They fire at the next pass, those of the future at their time.
static void in_the_past(void)
{
    static struct lettered x = LETTERED("past", fire_late), y = LETTERED("past", fire_late),
                           z = LETTERED("past", fire_late);
    deadline_t soon = suite_soon();

    timer_arm(&a.timer, soon);
    timer_arm(&x.timer, (deadline_t){ time_now() - 1 });
    timer_arm(&y.timer, (deadline_t){ 1 });
    timer_arm(&z.timer, NOWAIT);
    while (timer_armed(&x.timer) || timer_armed(&y.timer) || timer_armed(&z.timer)) {
        tasklet_yield();
    }
    note("main");
    sleep_until(plus_us(soon, 100));
    CHECK_TRACE("past past past main A");
}

// A deadline of long ago, whose alarm cannot interrupt before the scheduler goes to sleep: it is
// due all the same, and those that are armed before and after it keep their order. (On the host
// nothing is masked.)
static void in_the_past_and_masked(void)
{
    for (int round = 0; round < 4; round++) {
        sleep_ms(2);
        deadline_t soon = suite_soon();

        timer_arm(&b.timer, plus_us(soon, 40000));
        arch_irq_save(); // until the sleep
        CHECK_IS(sleep_until((deadline_t){ 1 }), 0);
        timer_arm(&a.timer, soon);
        sleep_until(plus_us(soon, 50000));
        CHECK_TRACE("A B");
    }
}

static void cancel(void)
{
    deadline_t soon = suite_soon();

    CHECK(!timer_cancel(&a.timer));
    timer_arm(&a.timer, soon);
    timer_arm(&b.timer, soon);
    timer_arm(&c.timer, soon);
    CHECK(timer_cancel(&a.timer));
    CHECK(!timer_armed(&a.timer));
    CHECK(!timer_cancel(&a.timer));
    CHECK(timer_cancel(&c.timer));
    timer_arm(&c.timer, plus_us(soon, 50));
    sleep_until(plus_us(soon, 200));
    CHECK(!timer_cancel(&b.timer));
    CHECK_TRACE("B C");
}

static void cancel_the_only_one(void)
{
    timer_arm(&a.timer, after_us(100));
    timer_cancel(&a.timer);
    sleep_ms(1);
    CHECK(!timers_pending());
    CHECK_TRACE("");
}

// ---- Fire functions that arm and cancel ----

static uint64_t period;

static void fire_again(struct timer *t)
{
    struct lettered *l = container_of(t, struct lettered, timer);

    fire(t);
    if (l->fired < 5) {
        timer_arm(t, (deadline_t){ t->when + period });
    }
}

static void periodic(void)
{
    static struct lettered p = LETTERED("p", fire_again), q = LETTERED("q", fire_again);
    deadline_t soon = suite_soon();

    period = ticks_from_us(100);
    p.fired = q.fired = 0;
    timer_arm(&p.timer, soon);
    timer_arm(&q.timer, plus_us(soon, 50));
    sleep_until((deadline_t){ soon.ticks + 20 * period });
    CHECK_TRACE("p q p q p q p q p q");
    CHECK_IS(p.timer.when, soon.ticks + 4 * period);
}

static void fire_and_cancel(struct timer *t)
{
    fire(t);
    note(timer_cancel(&b.timer) ? "cancelled" : "gone");
}

static void cancel_another(void)
{
    static struct lettered x = LETTERED("x", fire_and_cancel);
    deadline_t soon = suite_soon();

    timer_arm(&x.timer, soon);
    timer_arm(&b.timer, soon); // due in the same pass
    timer_arm(&c.timer, soon);
    sleep_until(plus_us(soon, 100));
    CHECK_TRACE("x cancelled C");
    soon = suite_soon();
    timer_arm(&b.timer, soon);
    timer_arm(&x.timer, soon);
    sleep_until(plus_us(soon, 100));
    CHECK_TRACE("B x gone");
}

static struct lettered past = LETTERED("past", fire_late);

static void fire_and_arm(struct timer *t)
{
    fire(t);
    timer_arm(&past.timer, (deadline_t){ 1 });
    timer_arm(&a.timer, plus_us((deadline_t){ t->when }, 10));
}

static void arm_others(void)
{
    static struct lettered x = LETTERED("x", fire_and_arm);
    deadline_t soon = suite_soon();

    timer_arm(&x.timer, soon);
    timer_arm(&c.timer, plus_us(soon, 20));
    sleep_until(plus_us(soon, 500));
    CHECK_TRACE("x past A C");
}

static void step_once(void *unused)
{
    (void)unused;
    step(1);
}

// Something else wants the scheduler's attention since.
static void alarm_and_another(void)
{
    deadline_t soon = suite_soon();

    timer_arm(&a.timer, soon);
    spin_until(plus_us(soon, 10));
    tasklet_set_priority(worker("B", step_once, NULL), PRIORITY_HIGH);
    workers_join();
    CHECK_TRACE("A B1");
}

static void fire_and_arm_before(struct timer *t)
{
    fire_late(t);
    timer_arm(&past.timer, (deadline_t){ t->when - 1 });
}

// One that is armed between two deadlines of the same pass, both past, comes before those that are not due: the heap
// knows its place only if it counts as armed for the second.
static void between_two_of_a_pass(void)
{
    static struct lettered y = LETTERED("y", fire_and_arm_before);
    deadline_t soon = suite_soon(), round = { (soon.ticks | 0xFFF) + 1 };

    timer_arm(&a.timer, (deadline_t){ round.ticks - 0xFFF });
    timer_arm(&y.timer, round); // differs from A in many bits, from C in a few
    timer_arm(&c.timer, (deadline_t){ round.ticks + 0x3F });
    spin_until(round);
    sleep_until((deadline_t){ round.ticks + 0xFFF });
    CHECK_TRACE("A y past C");
}

static void never(void)
{
    timer_arm(&a.timer, FOREVER);
    sleep_ms(suite_exact() ? 60000 : 20);
    CHECK(timer_cancel(&a.timer));
    CHECK_TRACE("");
}

// ---- A crowd that is due at once ----

enum { CROWD = 40, PASS = 16 };

static struct timer crowd[CROWD];
static unsigned crowd_fired, in_one_pass, most_in_one_pass;

static void fire_one(struct timer *unused)
{
    (void)unused;
    crowd_fired++;
    in_one_pass++;
    most_in_one_pass = in_one_pass > most_in_one_pass ? in_one_pass : most_in_one_pass;
}

static void between_passes(void *unused)
{
    (void)unused;
    while (crowd_fired < CROWD) {
        in_one_pass = 0;
        tasklet_yield();
    }
}

static void tasklets_between_passes(void)
{
    deadline_t soon = suite_soon();

    crowd_fired = most_in_one_pass = 0;
    for (int i = 0; i < CROWD; i++) {
        crowd[i].fire = fire_one;
        timer_arm(&crowd[i], soon);
    }
    worker("A", between_passes, NULL);
    spin_until(soon);
    workers_join();
    CHECK_IS(crowd_fired, CROWD);
    CHECK_IS(most_in_one_pass, PASS);
}

// ---- The model: whoever fires has the earliest deadline of all, the first armed among equals ----

static struct timer *const model = crowd;
static uint32_t armed_as[CROWD], arms;
static unsigned model_errors, model_fired;

static void random_arm(unsigned i);

static void model_fire(struct timer *t)
{
    unsigned me = (unsigned)(t - model);

    model_fired++;
    model_errors += !suite_on_time((deadline_t){ t->when });
    for (unsigned i = 0; i < CROWD; i++) {
        bool before = model[i].when < t->when ||
                      (model[i].when == t->when && armed_as[i] - armed_as[me] > UINT32_MAX / 2);

        model_errors += i != me && timer_armed(&model[i]) && before;
    }
    if (suite_random(4) == 0) {
        random_arm(me);
    }
    if (suite_random(4) == 0) {
        timer_cancel(&model[suite_random(CROWD)]);
    }
}

// Near and far, and often equal.
static void random_arm(unsigned i)
{
    uint32_t us = suite_random(2) ? suite_random(50) * 10 : suite_random(1u << suite_random(18));
    uint64_t grid = ticks_from_us(10);

    timer_cancel(&model[i]);
    armed_as[i] = arms++;
    model[i].fire = model_fire;
    timer_arm(&model[i], (deadline_t){ (time_now() + ticks_from_us(us)) / grid * grid + grid });
}

// The number of rounds is fixed; on a board they last a few milliseconds each.
static bool model_run(uint32_t seed)
{
    suite_seed(seed);
    model_errors = 0;
    for (int round = 0; round < 8; round++) {
        for (unsigned i = 0; i < CROWD; i++) {
            if (suite_random(3) > 0) {
                random_arm(i);
            }
        }
        timer_cancel(&model[suite_random(CROWD)]);
        sleep_until(after_us(suite_random(1500)));
    }
    for (unsigned i = 0; i < CROWD; i++) {
        timer_cancel(&model[i]);
    }
    return model_errors == 0;
}

static void as_the_model_says(void)
{
    uint32_t seeds = suite_exact() ? 300 : 4, seed = 1;

    model_fired = 0;
    while (seed <= seeds && model_run(seed)) {
        seed++;
    }
    CHECK_IS(seed, seeds + 1); // else this seed failed
    CHECK(model_fired > seeds);
}

// One that differs from the last deadline in the upper half alone is not taken for the next.
static void far_and_near(void)
{
    deadline_t last = suite_soon();

    sleep_until(last);
    timer_arm(&a.timer, (deadline_t){ last.ticks + (UINT64_C(1) << 32) });
    deadline_t near = after_ms(1);

    sleep_until(near);
    CHECK(suite_on_time(near));
    timer_cancel(&a.timer);
    CHECK_TRACE("");
}

int main(void)
{
    static const struct suite_case cases[] = {
        CASE(far_and_near),
        CASE(in_order),
        CASE(equal_deadlines),
        CASE(in_the_past),
        CASE(cancel),
        CASE(cancel_the_only_one),
        CASE(periodic),
        CASE(cancel_another),
        CASE(arm_others),
        CASE(alarm_and_another),
        CASE(between_two_of_a_pass),
        CASE(never),
        CASE(tasklets_between_passes),
        CASE(as_the_model_says),
        CASE(in_the_past_and_masked),
    };

    SUITE_RUN("timer", cases);
}

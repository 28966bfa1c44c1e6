// SPDX-License-Identifier: MIT
//
// Interrupts: they know where they are, run on a stack of their own, nest where the processor can,
// wait while they are masked, and end a sleep.
#include "kernel/arch.h"
#include "kernel/poller.h"
#include "kernel/sched.h"
#include "tests/arch/port.h"

volatile struct handlers handlers;
void (*volatile handler_job)(void);

void __real_time_alarm(void);
void __wrap_time_alarm(void);

static bool on_stack_of(const struct tasklet *t, uintptr_t sp)
{
    return t != NULL && sp >= (uintptr_t)t->base && sp < (uintptr_t)t;
}

static void handler_begins(void)
{
    uintptr_t sp = regs_sp();

    if (++handlers.depth > handlers.deepest) {
        handlers.deepest = handlers.depth;
    }
    handlers.wrong += !arch_in_interrupt();
    handlers.wrong += sp % ARCH_STACK_ALIGN != 0;
    handlers.wrong += port_is(REGS_MASKS) && on_stack_of(sched_current(), sp);
    regs_clobber();
}

// Every clock driver calls this from its handler; the linker puts it before the kernel's own.
void __wrap_time_alarm(void)
{
    handler_begins();
    handlers.alarms++;
    handlers.in_tasklets += sched_current() != NULL;
    __real_time_alarm();
    handlers.depth--;
}

void software_interrupt(void)
{
    void (*job)(void) = handler_job;

    handler_begins();
    if (job != NULL) {
        job();
    }
    handlers.triggered++;
    handlers.depth--;
}

// ---- The storm ----

static void strike(struct timer *t)
{
    static uint32_t phase;

    phase = phase * 5 + 7;
    arch_trigger();
    timer_arm(t, after_us(25 + phase % 16));
}

static struct timer storm = TIMER_INIT(strike);

void storm_start(void)
{
    timer_arm(&storm, after_us(30));
}

void storm_end(void)
{
    timer_cancel(&storm);
}

// ---- Contexts ----

static volatile bool fired;
static unsigned poll_wrong;

static void poll_probe(struct timer *t)
{
    uintptr_t sp = regs_sp();

    (void)t;
    poll_wrong += arch_in_interrupt() || tasklet_self() != NULL || sp % ARCH_STACK_ALIGN != 0;
    for (struct list *l = tasklet_all.next; l != &tasklet_all; l = l->next) {
        poll_wrong += on_stack_of(container_of(l, struct tasklet, all), sp);
    }
    fired = true;
}

// A software interrupt comes a few instructions after arch_trigger().
static uint32_t triggered_by_now(void)
{
    for (unsigned n = 0; n < 100; n++) {
        sched_barrier();
    }
    return handlers.triggered;
}

bool test_context(void)
{
    static struct timer probe = TIMER_INIT(poll_probe);
    uint32_t before = handlers.triggered;

    fired = false;
    poll_wrong = 0;
    timer_arm(&probe, after_us(100));
    while (!fired) {
        tasklet_yield();
    }
    arch_trigger();
    return triggered_by_now() == before + 1 && poll_wrong == 0 && !arch_in_interrupt() &&
           on_stack_of(tasklet_self(), regs_sp()) && handlers.wrong == 0;
}

bool test_masks(void)
{
    uint32_t before = handlers.triggered;

    if (!port_is(REGS_MASKS)) {
        return true;
    }
    uintptr_t outer = arch_irq_save(), inner = arch_irq_save();

    arch_trigger();
    bool good = triggered_by_now() == before;

    arch_irq_restore(inner);
    good = triggered_by_now() == before && good;
    arch_irq_restore(outer);
    return triggered_by_now() == before + 1 && good;
}

// ---- Nesting ----

static struct {
    bool alarmed;     // an alarm came while the handler ran
    unsigned damaged; // registers of the handler
} nest;

static void nothing(struct timer *t)
{
    (void)t;
}

static void wait_for_alarm(void)
{
    uint32_t start = clock_read(), alarms = handlers.alarms;
    uint32_t limit = (uint32_t)ticks_from_ms(5);

    while (handlers.alarms == alarms && clock_read() - start < limit) {
        nest.damaged += all_damaged(alarms, 20);
        if (port_is(REGS_NESTS)) {
            nest.damaged += all_float_damaged(alarms, 20);
        }
    }
    nest.alarmed = handlers.alarms != alarms;
}

// The alarm is due while the least urgent handler runs. Where handlers do not nest, it comes after.
bool test_nesting(void)
{
    static struct timer timer = TIMER_INIT(nothing);
    uint32_t alarms = handlers.alarms;

    handlers.deepest = 0;
    nest.damaged = 0;
    handler_job = wait_for_alarm;
    timer_arm(&timer, after_us(500));
    arch_trigger();
    handler_job = NULL;
    while (timer_armed(&timer)) {
        tasklet_yield();
    }
    return nest.alarmed == port_is(REGS_NESTS) && nest.damaged == 0 && handlers.alarms > alarms &&
           handlers.deepest == (port_is(REGS_NESTS) ? 2 : 1);
}

// ---- What an interrupt takes of the stack it comes over ----

static void __attribute__((noinline)) dig(unsigned level)
{
    volatile uint32_t hole[4];

    hole[level % 4] = level;
    if (level > 0) {
        dig(level - 1);
    }
    hole[level % 4]++;
}

static void dig_deep(void)
{
    dig(5);
}

static volatile bool digging;

static void digger(void *arg)
{
    struct worker *w = arg;

    for (;;) {
        for (unsigned n = 0; n < 50; n++) {
            w->wrong += all_damaged(n, 20);
            if (digging) {
                arch_trigger();
                triggered_by_now();
            }
        }
        if (digging) {
            return;
        }
        tasklet_yield();
    }
}

bool test_handler_stack(void)
{
    struct tasklet *t;

    digging = false;
    workers_start(1, 0, digger);
    t = workers[0].tasklet;
    tasklet_yield();
    size_t before = tasklet_stack_used(t);

    handler_job = dig_deep;
    digging = true;
    bool good = workers_end(1);

    handler_job = NULL;
    return good && tasklet_stack_used(t) - before <= regs_port.frame;
}

// ---- Sleep ----

// What the sleep lasts that must not be; longer than any hiccup of an emulator.
enum { ASLEEP_MS = 2000 };

static bool idle_returns(void *attention)
{
    static struct timer alarm_clock = TIMER_INIT(nothing);
    void *volatile kicked = attention;
    uint64_t start = time_now();

    timer_arm(&alarm_clock, after_ms(ASLEEP_MS));
    bool good = arch_idle(&kicked) && time_now() - start < ticks_from_ms(ASLEEP_MS / 2);

    timer_cancel(&alarm_clock);
    return good;
}

bool test_idle_kicked(void)
{
    return idle_returns(&sched_higher);
}

// What came while interrupts were masked ends the sleep, and its handler has run when it is over.
bool test_idle_pending(void)
{
    uint32_t before = handlers.triggered;

    if (!port_is(REGS_MASKS)) {
        return true;
    }
    uintptr_t state = arch_irq_save();

    arch_trigger();
    bool good = idle_returns(NULL) && handlers.triggered == before + 1;

    arch_irq_restore(state);
    return good;
}

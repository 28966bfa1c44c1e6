// SPDX-License-Identifier: MIT
//
// The alarm interrupts a hog, too. While it runs no poller does, so nobody sets the clock's alarm: the
// handler sets it itself, for the moment when the running slice will have lasted for the limit.
#include "kernel/watch.h"

#include "kernel/panic.h"
#include "kernel/reason.h"

#if CONFIG_ACCOUNT

static struct {
    void (*report)(const struct watch_report *r);
    uint32_t limit;                   // in ticks
    uint32_t limit_ms;                //
    uint32_t since;                   // the slice that was told of last, by its begin, and ...
    uint32_t told;                    // ... how many limits it had lasted then
    const struct tasklet *deadlocked; // told of already
} watch;

static void look(struct timer *t);

static struct timer period = TIMER_INIT(look);

// Poll context: whoever had the processor has given it away.
static void look(struct timer *t)
{
    const struct tasklet *first = deadlocked(NULL);

    if (first != NULL && first != watch.deadlocked) {
        for (const struct tasklet *one = first; one != NULL; one = deadlocked(one)) {
            watch.report(&(struct watch_report){ .event = WATCH_DEADLOCK, .tasklet = one });
        }
    }
    watch.deadlocked = first;
    timer_arm(t, after_ticks(watch.limit));
}

// Interrupt context, at each alarm of the clock.
static void on_alarm(void)
{
    const struct tasklet *t = sched_current();
    uint32_t since = account_since, ran = clock_read() - since;

    if (t == NULL || timers_setting()) {
        return;
    }
    if (watch.since != since) {
        watch.since = since;
        watch.told = 0;
    }
    uint32_t next = watch.told == 0 ? 1 : 2 * watch.told; // in limits
    uint64_t due = (uint64_t)next * watch.limit;

    if (ran >= due && due < UINT32_C(1) << 30) {
        watch.told = next;
        watch.report(&(struct watch_report){
            .event = WATCH_HOG,
            .tasklet = t,
            .ms = next * watch.limit_ms,
            .at = arch_interrupted_pc(),
        });
        due = (uint64_t)2 * next * watch.limit;
    }
    if (due < UINT32_C(1) << 30) {
        clock_alarm(since + (uint32_t)due);
    }
}

void watch_start(uint32_t limit_ms, void (*report)(const struct watch_report *r))
{
    ASSERT(report != NULL && limit_ms > 0 && limit_ms <= 60000,
           "watch_start: NULL, or limit out of range");
    watch.report = report;
    watch.limit_ms = limit_ms;
    watch.limit = (uint32_t)ticks_from_ms(limit_ms);
    timer_cancel(&period);
    timer_arm(&period, after_ticks(watch.limit));
    time_watch = on_alarm;
}

void watch_stop(void)
{
    time_watch = NULL;
    timer_cancel(&period);
}

#else

void watch_start(uint32_t limit_ms, void (*report)(const struct watch_report *r))
{
    (void)limit_ms;
    (void)report;
}

void watch_stop(void)
{
}

#endif

static void text(void *unused, const char *piece)
{
    (void)unused;
    panic_text(piece);
}

static void decimal(uint32_t n)
{
    char digits[11], *p = digits + sizeof digits - 1;

    *p = '\0';
    do {
        *--p = (char)('0' + n % 10);
        n /= 10;
    } while (n > 0);
    panic_text(p);
}

void watch_print(const struct watch_report *r)
{
    if (r->event == WATCH_DEADLOCK) {
        panic_text("\r\ndeadlock: ");
        reason_print(r->tasklet, text, NULL);
    } else {
        panic_text("\r\nhog: ");
        panic_text(r->tasklet->name);
        panic_text(" has held the processor for ");
        decimal(r->ms);
        panic_text(" ms, at ");
        panic_hex(r->at);
    }
    panic_text("\r\n");
}

// SPDX-License-Identifier: MIT
#include "tests/kernel/suite.h"

#include <stdlib.h>
#include <string.h>

#include "boards/board.h"
#include "drivers/clock/host.h"
#include "io/printf.h"
#include "io/uart.h"
#include "kernel/arch.h"

enum { FAILURES = 4, TRACE = 224 };

static struct failure {
    const char *file, *text;
    int line;
    bool values;
    intptr_t actual, expected;
} failures[FAILURES];
static unsigned failed_checks;
static const char *running; // the case

static char trace[TRACE];
static size_t trace_length;

static _Alignas(TASKLET_ALIGN) unsigned char memory[WORKERS][(TASKLET_MEMORY_MIN + WORKER_STACK +
                                                              TASKLET_ALIGN - 1) /
                                                             TASKLET_ALIGN * TASKLET_ALIGN];
static struct tasklet *workers[WORKERS];

static void (*volatile handler)(void);
static uint32_t random_state;

// ---- Conditions ----

static void failed(struct failure f)
{
    if (failed_checks < FAILURES) {
        failures[failed_checks] = f;
    }
    failed_checks++;
}

void suite_check(bool holds, const char *file, int line, const char *text)
{
    if (!holds) {
        failed((struct failure){ .file = file, .line = line, .text = text });
    }
}

void suite_check_is(intptr_t actual, intptr_t expected, const char *file, int line,
                    const char *text)
{
    if (actual != expected) {
        failed((struct failure){ file, text, line, true, actual, expected });
    }
}

unsigned suite_failures(void)
{
    return failed_checks;
}

// ---- Traces ----

static void append(const char *text, size_t n)
{
    if (trace_length + n >= TRACE) {
        suite_check(false, __FILE__, __LINE__, "the trace is too long");
        return;
    }
    memcpy(trace + trace_length, text, n);
    trace_length += n;
}

static void separate(void)
{
    if (trace_length > 0) {
        append(" ", 1);
    }
}

void note(const char *token)
{
    separate();
    append(token, strlen(token));
}

void note_number(const char *token, int number)
{
    char digits[12], *p = digits + sizeof digits;
    unsigned value = number < 0 ? 0u - (unsigned)number : (unsigned)number;

    note(token);
    do {
        *--p = (char)('0' + value % 10);
        value /= 10;
    } while (value > 0);
    if (number < 0) {
        *--p = '-';
    }
    append(p, (size_t)(digits + sizeof digits - p));
}

void step(int number)
{
    note_number(tasklet_self()->name, number);
}

void suite_check_trace(const char *expected, const char *file, int line)
{
    trace[trace_length] = '\0';
    if (strcmp(trace, expected) != 0) {
        uart_printf(board_uarts[0], "  trace is  %s\r\n  and not   %s\r\n", trace, expected);
        suite_check(false, file, line, "the trace");
    }
    trace_length = 0;
}

// ---- Tasklets ----

struct tasklet *worker(const char *name, void (*fn)(void *), void *arg)
{
    for (size_t i = 0; i < WORKERS; i++) {
        if (workers[i] == NULL) {
            workers[i] = tasklet_spawn(name, fn, arg, memory[i], sizeof memory[i]);
            return workers[i];
        }
    }
    uart_printf(board_uarts[0], "suite: more than %d workers\r\n", WORKERS);
    uart_flush(board_uarts[0], FOREVER);
    arch_exit(2);
}

int worker_join(struct tasklet *t)
{
    int result = tasklet_join(t, after_ms(20000));

    for (size_t i = 0; i < WORKERS; i++) {
        if (workers[i] == t && tasklet_state(t) == TASKLET_JOINED) {
            workers[i] = NULL;
        }
    }
    return result;
}

static void report(void);

// Its memory cannot be used again, so there is no way to go on.
static _Noreturn void stuck(const struct tasklet *t)
{
    suite_check(false, __FILE__, __LINE__, "a tasklet does not end");
    report();
    uart_printf(board_uarts[0], "suite: tasklet %s does not end, in %s\r\n", t->name,
                t->in != NULL ? t->in : "?");
    uart_flush(board_uarts[0], FOREVER);
    arch_exit(2);
}

void workers_join(void)
{
    for (size_t i = 0; i < WORKERS; i++) {
        struct tasklet *t = workers[i];

        if (t != NULL) {
            worker_join(t);
            if (tasklet_state(t) < TASKLET_EXITED) {
                stuck(t);
            }
            workers[i] = NULL;
        }
    }
}

void suite_credit(int32_t calls)
{
    sched.credit = calls;
}

// ---- Time, interrupts, chance ----

#ifdef __linux__
bool suite_exact(void)
{
    return getenv("STINT_VIRTUAL") != NULL;
}

static void event_handler(void *unused)
{
    (void)unused;
    handler();
}

bool suite_interrupt_at(deadline_t d, void (*fn)(void))
{
    static struct host_event event = { .handler = event_handler };

    if (suite_exact()) {
        handler = fn;
        event.when = d.ticks;
        host_event_arm(&event);
    }
    return suite_exact();
}

// A process has no interrupts but those that it asks for.
static void interrupts_come(void)
{
    host_pass_time();
}
#else
bool suite_exact(void)
{
    return false;
}

bool suite_interrupt_at(deadline_t d, void (*fn)(void))
{
    (void)d;
    (void)fn;
    return false;
}

static void interrupts_come(void)
{
}
#endif

deadline_t suite_soon(void)
{
    return after_ms(suite_exact() ? 1 : 100);
}

bool suite_on_time(deadline_t d)
{
    uint64_t now = time_now();

    return now >= d.ticks && (!suite_exact() || now - d.ticks <= ticks_from_us(20));
}

void spin_until(deadline_t d)
{
    while (time_now() < d.ticks) {
        interrupts_come();
    }
}

void software_interrupt(void)
{
    void (*fn)(void) = handler;

    fn();
    handler = NULL;
}

void suite_interrupt(void (*fn)(void))
{
    handler = fn;
    arch_trigger();
    while (handler != NULL) {
    }
}

void suite_seed(uint32_t seed)
{
    random_state = seed * 2654435761u | 1;
}

uint32_t suite_random(uint32_t limit)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 17;
    random_state ^= random_state << 5;
    return (random_state >> 8) % limit;
}

// ---- The run ----

static void report(void)
{
    struct uart *u = board_uarts[0];

    uart_printf(u, "%s %s\r\n", failed_checks == 0 ? "ok" : "FAIL", running);
    for (unsigned i = 0; i < failed_checks && i < FAILURES; i++) {
        const struct failure *f = &failures[i];

        uart_printf(u, "  %s:%d: %s", f->file, f->line, f->text);
        if (f->values) {
            uart_printf(u, " (is %ld, not %ld)", (long)f->actual, (long)f->expected);
        }
        uart_printf(u, "\r\n");
    }
    if (failed_checks > FAILURES) {
        uart_printf(u, "  and %u more\r\n", failed_checks - FAILURES);
    }
}

_Noreturn void suite_run(const char *name, const struct suite_case *cases, size_t count)
{
    unsigned passed = 0;

    for (size_t i = 0; i < count; i++) {
        failed_checks = 0;
        trace_length = 0;
        uart_flush(board_uarts[0], FOREVER);
        tasklet_yield(); // no poller is left that was kicked
        running = cases[i].name;
        suite_credit(INT32_MAX);
        cases[i].run();
        workers_join();
        report();
        passed += failed_checks == 0;
    }
    uart_printf(board_uarts[0], "suite %s: %u passed, %u failed\r\n", name, passed,
                (unsigned)count - passed);
    uart_flush(board_uarts[0], FOREVER);
    arch_exit(passed != count);
}

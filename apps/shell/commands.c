// SPDX-License-Identifier: MIT
//
// The shell's commands.
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <string.h>

#include "apps/shell/shell.h"
#include "boards/board.h"
#include "io/printf.h"
#include "io/uart.h"
#include "kernel/arch.h"
#include "kernel/callgraph.h"
#include "kernel/panic.h"
#include "kernel/group.h"
#include "kernel/reason.h"
#include "kernel/watch.h"

#ifndef SHELL_JOBS
#define SHELL_JOBS 4 // background commands at a time
#endif
#ifndef SHELL_JOB_STACK
#define SHELL_JOB_STACK (384 + 64 * sizeof(void *))
#endif

static int help(struct shell *s, int argc, char **argv)
{
    (void)argc;
    (void)argv;
    for (const struct command *const *table = shell_tables; *table != NULL; table++) {
        for (const struct command *c = *table; c->name != NULL; c++) {
            io_printf(&s->stream, "%-8s %-22s %s\r\n", c->name, c->arguments, c->about);
        }
    }
    return 0;
}

// ---- ps ----

static const char *const levels[] = { "low", "normal", "high" };

static void print_wait(struct shell *s, const struct tasklet *t, const struct reason *r)
{
    const char *state = t == tasklet_self() ? "running" : r->in == NULL ? "ready" : r->in;

    io_printf(&s->stream, "%-14s %-9s", state, r->on != NULL ? r->on : "");
}

static uint32_t microseconds(uint64_t ticks)
{
    uint64_t us =
        ticks / (TICK_HZ / 1000) * 1000 + ticks % (TICK_HZ / 1000) * 1000 / (TICK_HZ / 1000);

    return us < UINT32_MAX ? (uint32_t)us : UINT32_MAX;
}

// A tasklet may end while a line is being printed, so each step begins from its name in the list
// again: the n-th that is there now.
static const struct tasklet *nth(unsigned n)
{
    for (struct list *l = tasklet_all.next; l != &tasklet_all; l = l->next) {
        if (n-- == 0) {
            return container_of(l, struct tasklet, all);
        }
    }
    return NULL;
}

static int ps(struct shell *s, int argc, char **argv)
{
    const struct tasklet *t;

    (void)argc;
    (void)argv;
    io_printf(&s->stream, "%-10s %-6s %-14s %-9s %11s %9s %9s\r\n", "name", "level", "state", "on",
              "stack used", "ran ms", "most us");
    for (unsigned i = 0; (t = nth(i)) != NULL; i++) {
        uint32_t used = (uint32_t)tasklet_stack_used(t), size = (uint32_t)tasklet_stack_size(t);
        uint32_t ran = microseconds(tasklet_run_time(t)) / 1000;
        uint32_t longest = microseconds(tasklet_longest_slice(t));
        struct reason reason = tasklet_reason(t);
        const char *holder = reason.holder != NULL ? reason.holder->name : NULL;

        io_printf(&s->stream, "%-10s %-6s ", t->name, levels[t->waiter.level]);
        print_wait(s, t, &reason);
        io_printf(&s->stream, " %5u/%5u %9u %9u%s%s\r\n", (unsigned)used, (unsigned)size,
                  (unsigned)ran, (unsigned)longest, holder != NULL ? "  held by " : "",
                  holder != NULL ? holder : "");
    }
    return 0;
}

// ---- Time and memory ----

static int uptime(struct shell *s, int argc, char **argv)
{
    uint32_t seconds = (uint32_t)(time_us() / 1000000);

    (void)argc;
    (void)argv;
    io_printf(&s->stream, "up %u days, %02u:%02u:%02u\r\n", (unsigned)(seconds / 86400),
              (unsigned)(seconds / 3600 % 24), (unsigned)(seconds / 60 % 60),
              (unsigned)(seconds % 60));
    return 0;
}

static int free_memory(struct shell *s, int argc, char **argv)
{
    size_t used, left;

    (void)argc;
    (void)argv;
    arch_memory(&used, &left);
    io_printf(&s->stream, "%u bytes of RAM in use, %u free for the heap\r\n", (unsigned)used,
              (unsigned)left);
    return 0;
}

// A decimal number with up to three places behind the point, in thousandths; false if it is not
// one.
static bool parse_milli(const char *text, uint32_t *milli)
{
    uint32_t whole = 0, part = 0, scale = 1000;
    const char *p = text;

    for (; *p >= '0' && *p <= '9' && whole <= UINT32_MAX / 10000 - 10; p++) {
        whole = whole * 10 + (uint32_t)(*p - '0');
    }
    if (*p == '.') {
        for (p++; *p >= '0' && *p <= '9' && scale > 1; p++) {
            scale /= 10;
            part += (uint32_t)(*p - '0') * scale;
        }
    }
    *milli = whole * 1000 + part;
    return p != text && *p == '\0';
}

static int sleep_command(struct shell *s, int argc, char **argv)
{
    uint32_t ms;

    (void)s;
    if (argc != 2 || !parse_milli(argv[1], &ms)) {
        return -EINVAL;
    }
    return sleep_ms(ms);
}

static int spin(struct shell *s, int argc, char **argv)
{
    uint32_t milli;

    if (argc != 2 || !parse_milli(argv[1], &milli)) {
        return -EINVAL;
    }
    uint64_t end = time_now() + ticks_from_ms(milli / 1000);

    while (time_now() < end) {
    }
    io_printf(&s->stream, "held the processor for %u ms: see 'most us' in ps\r\n",
              (unsigned)(milli / 1000));
    return 0;
}

static int watch(struct shell *s, int argc, char **argv)
{
    uint32_t milli;

    (void)s;
    if (argc == 2 && strcmp(argv[1], "off") == 0) {
        watch_stop();
        return 0;
    }
    if (argc != 2 || !parse_milli(argv[1], &milli) || milli < 1000 || milli > 60000000) {
        return -EINVAL;
    }
    watch_start(milli / 1000, watch_print);
    return 0;
}

static int echo(struct shell *s, int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        io_printf(&s->stream, i + 1 < argc ? "%s " : "%s", argv[i]);
    }
    io_puts(&s->stream, "\r\n", FOREVER);
    return 0;
}

// ---- Background commands ----

struct job {
    TASKLET_MEMORY(memory, SHELL_JOB_STACK);
    struct shell shell; // its stream, and the line that it runs
    struct tasklet *tasklet;
    char name[8];
};

static struct job jobs[SHELL_JOBS];
static GROUP(jobs_group, "jobs"); // one that crashes ends alone

static void run_job(void *arg)
{
    struct job *job = arg;

    tasklet_exit(shell_execute(&job->shell, job->shell.line.text));
}

static bool has_ended(const struct job *job)
{
    return job->tasklet == NULL || tasklet_state(job->tasklet) == TASKLET_EXITED;
}

// A job that has ended gives its place back when somebody looks for one.
static struct job *free_job(void)
{
    for (unsigned i = 0; i < SHELL_JOBS; i++) {
        struct job *job = &jobs[i];

        if (has_ended(job)) {
            job->tasklet = NULL;
            io_snprintf(job->name, sizeof job->name, "job%u", i + 1);
            return job;
        }
    }
    return NULL;
}

static int spawn(struct shell *s, int argc, char **argv)
{
    struct job *job = free_job();
    size_t used = 0;

    if (argc < 2) {
        return -EINVAL;
    }
    if (job == NULL) {
        return -ENOMEM;
    }
    job->shell.stream = s->stream;
    for (int i = 1; i < argc; i++) {
        used +=
            (size_t)io_snprintf(job->shell.line.text + used, SHELL_LINE + 1 - used, "%s ", argv[i]);
    }
    job->tasklet =
        group_spawn(&jobs_group, job->name, run_job, job, job->memory, sizeof job->memory);
    io_printf(&s->stream, "%s\r\n", job->name);
    return 0;
}

void shell_end_jobs(const struct shell *s)
{
    tasklet_shield();
    for (unsigned i = 0; i < SHELL_JOBS; i++) {
        struct job *job = &jobs[i];

        // It may have more than one wait to end; and once it has, its place may be taken.
        while (!has_ended(job) && job->shell.stream.device == s->stream.device) {
            tasklet_cancel(job->tasklet);
            sleep_ms(10);
        }
    }
    tasklet_unshield();
}

static int kill(struct shell *s, int argc, char **argv)
{
    (void)s;
    if (argc != 2) {
        return -EINVAL;
    }
    for (struct list *l = tasklet_all.next; l != &tasklet_all; l = l->next) {
        struct tasklet *t = container_of(l, struct tasklet, all);

        if (strcmp(t->name, argv[1]) == 0) {
            int result = tasklet_cancel(t);

            tasklet_yield(); // so that it has ended, as a rule, when the prompt is there again
            return result;
        }
    }
    return -ENOENT;
}

// ---- The ports' counters ----

static int ports(struct shell *s, int argc, char **argv)
{
    (void)argc;
    (void)argv;
    for (struct uart *const *p = board_uarts; *p != NULL; p++) {
        const struct uart_stats *u = &(*p)->stats;

        io_printf(
            &s->stream,
            "%s: %u in, %u out; lost: %u full, %u overruns, %u framing, %u parity; %u breaks\r\n",
            (*p)->name, (unsigned)u->received, (unsigned)u->sent, (unsigned)u->dropped,
            (unsigned)u->overruns, (unsigned)u->framing, (unsigned)u->parity, (unsigned)u->breaks);
    }
    return 0;
}

// ---- The end ----

static __attribute__((noinline)) int recurse(volatile int depth)
{
    return depth == INT_MAX ? 0 : recurse(depth + 1) + depth;
}

static int crash(struct shell *s, int argc, char **argv)
{
    const char *how = argc > 1 ? argv[1] : "assert";

    io_puts(&s->stream, "as you wish\r\n", FOREVER);
    sleep_ms(50);
    if (strcmp(how, "stack") == 0) {
        return recurse(0);
    }
    if (strcmp(how, "fault") == 0) {
        void (*nowhere)(void) = (void (*)(void))0x0BAD0BAC;

        nowhere();
    }
    panic("the crash command was used");
}
ENDS_IN(crash, recurse); // until the stack overflows, which is what it is for

static int reboot(struct shell *s, int argc, char **argv)
{
    (void)argc;
    (void)argv;
    io_puts(&s->stream, "again\r\n", FOREVER);
    sleep_ms(50);
    arch_reset();
}

const struct command shell_commands[] = {
    { "help", "", "this list", help },
    { "ps", "", "the tasklets: what each waits for, stack, time", ps },
    { "uptime", "", "since the start", uptime },
    { "free", "", "memory", free_memory },
    { "ports", "", "what the serial ports have seen", ports },
    { "sleep", "SECONDS", "waits; Ctrl-C ends it", sleep_command },
    { "spawn", "COMMAND...", "runs it in the background", spawn },
    { "kill", "NAME", "cancels a tasklet", kill },
    { "echo", "WORDS...", "prints them", echo },
    { "spin", "MS", "computes without giving way", spin },
    { "watch", "MS|off", "tells of who does not give way, and of deadlocks", watch },
    { "crash", "[assert|stack|fault]", "ends the program; 'spawn crash': only that job", crash },
    { "reboot", "", "starts the board again", reboot },
    { NULL, NULL, NULL, NULL },
};

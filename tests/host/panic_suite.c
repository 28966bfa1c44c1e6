// SPDX-License-Identifier: MIT
//
// The record of the end, word by word: what it says of each context, what it finds on a stack, and that it is
// shown at the next boot once, and only if it is whole. The linker puts this file's idea of the machine
// (registers, return addresses, what is RAM) in place of the host's, which has none.
#include <setjmp.h>
#include <string.h>

#include "boards/board.h"
#include "io/printf.h"
#include "io/uart.h"
#include "kernel/panic.h"
#include "kernel/poll_stack.h"
#include "tests/kernel/suite.h"

const char *__wrap_arch_register_names[20];
static const void *no_image, *no_ram; // what is neither, for a case
static uintptr_t stack_end;

bool __wrap_arch_is_image(const void *text);
bool __wrap_arch_is_ram(const void *address);
bool __wrap_arch_is_return_address(uintptr_t address);
uintptr_t __wrap_arch_stack_end(uintptr_t sp);
_Noreturn void __wrap_arch_reset(void);

bool __wrap_arch_is_image(const void *text)
{
    return text != no_image;
}

bool __wrap_arch_is_ram(const void *address)
{
    return address != no_ram;
}

static const uintptr_t mark = 0x5EED0000;

bool __wrap_arch_is_return_address(uintptr_t address)
{
    return address - mark < 64;
}

uintptr_t __wrap_arch_stack_end(uintptr_t sp)
{
    return stack_end != 0 ? stack_end : sp;
}

static jmp_buf before;
static bool was_reset;
static char text[1200];
static size_t length;

_Noreturn void __wrap_arch_reset(void)
{
    was_reset = true;
    longjmp(before, 1);
}

static void caught(const struct panic_record *r)
{
    CHECK(r == &panic_record);
    longjmp(before, 1);
}

static void put(char c)
{
    if (length < sizeof text - 1) {
        text[length++] = c;
        text[length] = '\0';
    }
}

// Calls fn, which panics, and keeps what that prints. Any context.
static void panics(void (*fn)(void))
{
    void (*putc_before)(char) = panic_putc;

    length = 0;
    text[0] = '\0';
    was_reset = false;
    panic_putc = put;
    if (setjmp(before) == 0) {
        fn();
        CHECK(false);
    }
    panic_putc = putc_before;
}

static void check_text(const char *expected)
{
    CHECK(strcmp(text, expected) == 0);
    if (strcmp(text, expected) != 0) {
        uart_printf(board_uarts[0], "is:%s\r\nnot:%s\r\n", text, expected);
    }
}

// What a panic without registers and backtrace prints.
static void check_plain(const char *why, const char *where, const struct tasklet *t)
{
    char expected[400];
    size_t n = (size_t)io_snprintf(expected, sizeof expected, "\r\n*** %s\r\n  in %s, sp 0x%016llx",
                                   why, where, (unsigned long long)panic_record.sp);

    if (t != NULL) {
        n += (size_t)io_snprintf(
            expected + n, sizeof expected - n, ", stack 0x%016llx to 0x%016llx",
            (unsigned long long)(uintptr_t)t->base, (unsigned long long)(uintptr_t)t);
    }
    io_snprintf(expected + n, sizeof expected - n, "\r\n  called from\r\n");
    check_text(expected);
}

static uintptr_t frame_of_plain;

static void __attribute__((noinline)) plain(void)
{
    frame_of_plain = (uintptr_t)__builtin_frame_address(0);
    panic("a plain one");
}

// ---- Contexts ----

static void in_a_tasklet(void)
{
    panic_hook = caught;
    panics(plain);
    panic_hook = NULL;
    check_plain("a plain one", "tasklet 'main'", tasklet_self());
    CHECK_IS(panic_record.context, PANIC_TASKLET);
    CHECK(panic_record.sp > panic_record.stack_base && panic_record.sp < panic_record.stack_top);
    CHECK(panic_record.sp < frame_of_plain);
    CHECK(!was_reset);
    panics(plain);
    CHECK(was_reset);
}

static void in_handler(void)
{
    panics(plain);
}

static void in_an_interrupt(void)
{
    suite_interrupt(in_handler);
    check_plain("a plain one", "an interrupt, over tasklet 'main'", tasklet_self());
    CHECK_IS(panic_record.context, PANIC_INTERRUPT);
}

static void in_an_interrupt_while_idle(void)
{
    if (suite_interrupt_at(after_ms(1), in_handler)) {
        sleep_ms(2);
        check_plain("a plain one", "an interrupt handler", NULL);
    }
}

static void fire(struct timer *unused)
{
    (void)unused;
    panics(plain);
}

static void in_poll_context(void)
{
    static struct timer timer = TIMER_INIT(fire);

    timer_arm(&timer, NOWAIT);
    sleep_ms(1);
    check_plain("a plain one", "the scheduler or a poller", NULL);
    CHECK_IS(panic_record.context, PANIC_POLL);
    CHECK_IS(panic_record.tasklet[0], 0);
}

// ---- Names that cannot be read ----

static void names(void)
{
    struct tasklet *self = tasklet_self();

    self->name = "a name of twenty";
    panics(plain);
    check_plain("a plain one", "tasklet 'a name of t'", self);
    no_image = self->name;
    panics(plain);
    check_plain("a plain one", "tasklet 'a name of t'", self);
    no_ram = self->name;
    panics(plain);
    check_plain("a plain one", "tasklet '?'", self);
    no_image = NULL;
    panics(plain);
    check_plain("a plain one", "tasklet 'a name of t'", self);
    no_ram = self;
    panics(plain);
    check_plain("a plain one", "the scheduler or a poller", NULL);
    CHECK_IS(panic_record.context, PANIC_TASKLET);
    no_ram = NULL;
    self->name = "main";
}

// ---- Faults: address, registers, backtrace ----

static struct panic_record fault;

static void faults(void)
{
    panic_record = fault;
    panic_finish(&panic_record, PANIC_POLL);
}

static void faults_in_tasklet(void)
{
    panic_record = fault;
    panic_finish(&panic_record, PANIC_TASKLET);
}

static void address(void)
{
    fault = (struct panic_record){ .why = "a fault", .has_address = 1, .address = 0x123 };
    panics(faults);
    CHECK(strstr(text, "\r\n*** a fault, address 0x0000000000000123\r\n") == text);
}

static void registers(void)
{
    static const char five[] = "  r1 0x0000000000000100 r2 0x0000000000000101 "
                               "r3 0x0000000000000102 r4 0x0000000000000103\r\n"
                               "  r5 0x0000000000000104\r\n"
                               "  fault status 0x0000000000000007\r\n";
    static const char *const names_of[] = { "r1",  "r2",  "r3",  "r4",  "r5",  "r6",
                                            "r7",  "r8",  "r9",  "r10", "r11", "r12",
                                            "r13", "r14", "r15", "r16", "r17", "r18" };

    fault = (struct panic_record){ .why = "a fault", .has_regs = 1, .status = 7 };
    for (int i = 0; i < PANIC_REGISTERS; i++) {
        fault.regs[i] = 0x100 + (uintptr_t)i;
    }
    memcpy(__wrap_arch_register_names, names_of, 5 * sizeof names_of[0]);
    panics(faults);
    CHECK(strstr(text, five) != NULL);
    memcpy(__wrap_arch_register_names, names_of, sizeof names_of);
    panics(faults);
    CHECK(strstr(text, " r16 0x000000000000010f\r\n  r17 0x0000000000000110  fault status") !=
          NULL);
    CHECK(strstr(text, "r18") == NULL);
    memset(__wrap_arch_register_names, 0, sizeof __wrap_arch_register_names);
}

static void check_trace(unsigned count, uintptr_t first)
{
    char expected[PANIC_TRACE * 19 + 20] = "  called from";
    size_t n = strlen(expected);

    for (unsigned i = 0; i < PANIC_TRACE; i++) {
        CHECK_IS(panic_record.trace[i], i < count ? first + i : 0);
        if (i < count) {
            n += (size_t)io_snprintf(expected + n, sizeof expected - n, " 0x%016llx",
                                     (unsigned long long)(first + i));
        }
    }
    io_snprintf(expected + n, sizeof expected - n, "\r\n");
    CHECK(strlen(text) > strlen(expected) &&
          strcmp(text + strlen(text) - strlen(expected), expected) == 0);
}

// From any byte of the first word on, up to the end of the stack, and eight at most.
static void backtrace(void)
{
    static uintptr_t stack[20];

    for (unsigned i = 0; i < 20; i++) {
        stack[i] = i % 2 == 0 ? mark + i / 2 : i;
    }
    fault = (struct panic_record){ .why = "a fault", .sp = (uintptr_t)stack + 3 };
    stack_end = (uintptr_t)&stack[5];
    panics(faults);
    check_trace(3, mark);
    stack_end = (uintptr_t)&stack[4] + sizeof stack[0] - 1;
    panics(faults);
    check_trace(2, mark);
    stack_end = (uintptr_t)&stack[20];
    panics(faults);
    check_trace(PANIC_TRACE, mark);
    stack_end = 0;
    panics(faults);
    check_trace(0, 0);
}

// The lowest address of its stack that may be touched.
static void *lowest(void)
{
    return (char *)tasklet_self()->base + ARCH_GUARD_SIZE;
}

// A stack pointer below the stack is one that overflowed; one above it is nobody's. What this test itself
// leaves on the stack may be found as well, farther up.
static void look_at_own_stack(void *unused)
{
    uintptr_t *low = (uintptr_t *)lowest() + 1;

    (void)unused;
    low[0] = mark + 1;
    low[1] = mark + 2;
    fault = (struct panic_record){ .why = "a fault", .sp = (uintptr_t)(low - 9) };
    panics(faults_in_tasklet);
    CHECK_IS(panic_record.trace[0], mark + 1);
    CHECK_IS(panic_record.trace[1], mark + 2);
    fault.sp = (uintptr_t)(low + 1);
    panics(faults_in_tasklet);
    CHECK_IS(panic_record.trace[0], mark + 2);
    fault.sp = (uintptr_t)tasklet_self();
    panics(faults_in_tasklet);
    check_trace(0, 0);
}

static void backtrace_of_a_tasklet(void)
{
    worker_join(worker("worker", look_at_own_stack, NULL));
}

// On the scheduler's stack it is not known how deep it goes.
static intptr_t look_on_poll_stack(void *unused)
{
    (void)unused;
    fault = (struct panic_record){ .why = "a fault", .sp = (uintptr_t)lowest() };
    panics(faults_in_tasklet);
    check_trace(0, 0);
    return 0;
}

static void no_backtrace_on_the_poll_stack(void *unused)
{
    (void)unused;
    ((uintptr_t *)lowest())[1] = mark;
    on_poll_stack(look_on_poll_stack, NULL);
    fault.sp = (uintptr_t)lowest();
    panics(faults_in_tasklet);
    CHECK_IS(panic_record.trace[0], mark);
}

static void deep_calls(void)
{
    worker_join(worker("worker", no_backtrace_on_the_poll_stack, NULL));
}

// ---- The next boot ----

static uint32_t fnv(uint32_t hash, const void *data, size_t n)
{
    const uint8_t *p = data;

    for (size_t i = 0; i < n; i++) {
        hash = (hash ^ p[i]) * 16777619u;
    }
    return hash;
}

static bool shown(void)
{
    void (*putc_before)(char) = panic_putc;

    length = 0;
    text[0] = '\0';
    panic_putc = put;
    bool result = panic_show_last();

    panic_putc = putc_before;
    CHECK((length > 0) == result);
    return result;
}

static char why[] = "as it was";

static void with_text_in_ram(void)
{
    panic(why);
}

static void shown_once(void)
{
    static char first[sizeof text];

    panics(with_text_in_ram);
    memcpy(first, text, sizeof text);
    CHECK(shown());
    CHECK(strncmp(text, "\r\nThe last run ended with:", 26) == 0);
    CHECK(strcmp(text + 26, first) == 0);
    CHECK(!shown());
    CHECK_IS(panic_record.seen, 1);
}

static void only_if_whole(void)
{
    panics(with_text_in_ram);
    uint32_t check = fnv(2166136261u, &panic_record.why,
                         offsetof(struct panic_record, seen) - offsetof(struct panic_record, why));

    CHECK_IS(panic_record.check, fnv(check, why, sizeof why - 1));
    CHECK_IS(panic_record.magic, 0x53746E74);
    panic_record.magic++;
    CHECK(!shown());
    panic_record.magic--;
    panic_record.has_regs ^= 1;
    CHECK(!shown());
    panic_record.has_regs ^= 1;
    why[0] = 'A';
    CHECK(!shown());
    why[0] = 'a';
    no_image = why;
    CHECK(!shown());
    no_image = NULL;
    CHECK(shown());
}

// Whatever the handler of a fault left in the record.
static void faults_are_shown(void)
{
    fault = (struct panic_record){ .why = "a fault", .seen = 1 };
    panics(faults);
    CHECK(shown());
    CHECK(!shown());
}

static void silent_without_a_console(void)
{
    void (*putc_before)(char) = panic_putc;

    panic_putc = NULL;
    panic_text("nothing");
    panic_hex(0);
    panic_putc = putc_before;
    panics(plain);
    panic_putc = NULL;
    CHECK(panic_show_last());
    panic_putc = putc_before;
}

int main(void)
{
    static const struct suite_case cases[] = {
        CASE(in_a_tasklet),
        CASE(in_an_interrupt),
        CASE(in_an_interrupt_while_idle),
        CASE(in_poll_context),
        CASE(names),
        CASE(address),
        CASE(registers),
        CASE(backtrace),
        CASE(backtrace_of_a_tasklet),
        CASE(deep_calls),
        CASE(shown_once),
        CASE(only_if_whole),
        CASE(faults_are_shown),
        CASE(silent_without_a_console),
    };

    SUITE_RUN("panic", cases);
}

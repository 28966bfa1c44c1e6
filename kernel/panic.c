// SPDX-License-Identifier: MIT
//
// The record of the end: filled, printed, kept, shown again.
#include "kernel/panic.h"

#include <string.h>

#include "kernel/arch.h"
#include "kernel/contain.h"
#include "kernel/stack.h"

struct panic_record panic_record __attribute__((section(".noinit")));
void (*panic_putc)(char c);
void (*panic_hook)(const struct panic_record *r);
bool (*panic_contain)(const struct panic_record *r, uintptr_t pc);

static const uint32_t magic = 0x53746E74;

// FNV-1a, over the record behind the check itself and over the text, which a newer program image
// may have moved.
static uint32_t check_of(const struct panic_record *r)
{
    const uint8_t *p = (const uint8_t *)&r->why, *end = (const uint8_t *)&r->seen;
    uint32_t hash = 2166136261u;

    for (; p < end; p++) {
        hash = (hash ^ *p) * 16777619u;
    }
    for (const char *s = r->why; *s != '\0'; s++) {
        hash = (hash ^ (uint8_t)*s) * 16777619u;
    }
    return hash;
}

void __attribute__((noinline)) panic_text(const char *s)
{
    while (panic_putc != NULL && *s != '\0') {
        panic_putc(*s++);
    }
}

void panic_hex(uintptr_t value)
{
    panic_text("0x");
    for (unsigned shift = sizeof value * 8; shift > 0;) {
        char digit[2] = { 0, 0 };

        shift -= 4;
        digit[0] = "0123456789abcdef"[value >> shift & 15];
        panic_text(digit);
    }
}

static void __attribute__((noinline)) labelled(const char *label, uintptr_t value)
{
    panic_text(label);
    panic_hex(value);
}

static void __attribute__((noinline)) show_where(const struct panic_record *r)
{
    static const char *const contexts[] = { "", "the scheduler or a poller",
                                            "an interrupt handler" };

    panic_text("  in ");
    if (r->tasklet[0] != '\0') {
        panic_text(r->context == PANIC_INTERRUPT ? "an interrupt, over tasklet '" : "tasklet '");
        panic_text(r->tasklet);
        panic_text("'");
    } else {
        panic_text(contexts[r->context == PANIC_INTERRUPT ? PANIC_INTERRUPT : PANIC_POLL]);
    }
    labelled(", sp ", r->sp);
    if (r->stack_top != 0) {
        labelled(", stack ", r->stack_base);
        labelled(" to ", r->stack_top);
    }
    panic_text("\r\n");
}

static void show(const struct panic_record *r)
{
    panic_text("\r\n*** ");
    panic_text(r->why);
    if (r->has_address) {
        labelled(", address ", r->address);
    }
    panic_text("\r\n");
    show_where(r);
    if (r->has_regs) {
        for (size_t i = 0; arch_register_names[i] != NULL && i < PANIC_REGISTERS; i++) {
            panic_text(i % 4 == 0 ? "  " : " ");
            panic_text(arch_register_names[i]);
            labelled(" ", r->regs[i]);
            if (i % 4 == 3 || arch_register_names[i + 1] == NULL) {
                panic_text("\r\n");
            }
        }
        labelled("  fault status ", r->status);
        panic_text("\r\n");
    }
    panic_text("  called from");
    for (size_t i = 0; i < PANIC_TRACE && r->trace[i] != 0; i++) {
        labelled(" ", r->trace[i]);
    }
    panic_text("\r\n");
}

// Without frame pointers or tables: every word on the stack that can be a return address. Some may
// be left over from calls that have returned.
static void find_trace(struct panic_record *r, uintptr_t from, uintptr_t limit)
{
    const uintptr_t *p = (const uintptr_t *)(from & ~(sizeof(uintptr_t) - 1));
    size_t found = 0;

    for (; (uintptr_t)p + sizeof *p <= limit && found < PANIC_TRACE; p++) {
        if (arch_is_return_address(*p)) {
            r->trace[found++] = *p;
        }
    }
}

static void fill(struct panic_record *r, enum panic_context context)
{
    const struct tasklet *t = sched_current();

    r->context = (uint8_t)context;
    if (t != NULL && arch_is_ram(t)) {
        bool readable = arch_is_image(t->name) || arch_is_ram(t->name);

        strncpy(r->tasklet, readable ? t->name : "?", PANIC_NAME - 1);
        r->stack_base = (uintptr_t)t->base;
        r->stack_top = (uintptr_t)tasklet_stack_top(t);
    }
    if (context == PANIC_TASKLET && !sched.on_poll_stack && r->sp < r->stack_top) {
        uintptr_t lowest = r->stack_base + ARCH_GUARD_SIZE; // below lies what overflowed

        find_trace(r, r->sp > lowest ? r->sp : lowest, r->stack_top);
    } else if (context != PANIC_TASKLET) {
        find_trace(r, r->sp, arch_stack_end(r->sp));
    }
}

bool panic_contained(struct panic_record *r, enum panic_context context, uintptr_t pc)
{
    if (panic_contain == NULL || context != PANIC_TASKLET || !panic_contain(r, pc)) {
        return false;
    }
    fill(r, context);
    show(r);
    panic_text("  This tasklet ends; the others go on.\r\n");
    return true;
}

void panic_finish(struct panic_record *r, enum panic_context context)
{
    arch_irq_save();
    fill(r, context);
    r->magic = magic;
    r->check = check_of(r);
    r->seen = 0;
    show(r);
    if (panic_hook != NULL) {
        panic_hook(r);
    }
    arch_reset();
}

void panic(const char *why)
{
    struct panic_record *r = &panic_record;
    uintptr_t irq = arch_irq_save();
    struct tasklet *t = sched_current();
    enum panic_context context = arch_in_interrupt() ? PANIC_INTERRUPT
                                 : t != NULL         ? PANIC_TASKLET
                                                     : PANIC_POLL;

    memset(r, 0, sizeof *r);
    r->why = why;
    r->sp = (uintptr_t)__builtin_frame_address(0);
    if (panic_contained(r, context, 0)) {
        arch_irq_restore(irq);
        arch_restart_at(tasklet_stack_top(t), reap);
    }
    panic_finish(r, context);
}

// The text must lie in this image before it is read: a record from RAM that never was one has any
// pointer in it.
bool panic_show_last(void)
{
    struct panic_record *r = &panic_record;

    if (r->magic != magic || !arch_is_image(r->why) || check_of(r) != r->check || r->seen) {
        return false;
    }
    r->seen = 1;
    panic_text("\r\nThe last run ended with:");
    show(r);
    return true;
}

// SPDX-License-Identifier: MIT
//
// The record of the end in its brief form (`make REPORT=brief`), for images that must be small: the
// sentence, the address, the tasklet; no registers, no backtrace. It is kept and shown again as
// well.
#include "kernel/panic.h"

#include "kernel/arch.h"
#include "kernel/tasklet.h"

struct panic_record panic_record __attribute__((section(".noinit")));
void (*panic_putc)(char c);
void (*panic_hook)(const struct panic_record *r);

static const uint32_t magic = 0x53746E62;

void panic_text(const char *s)
{
    while (panic_putc != NULL && *s != '\0') {
        panic_putc(*s++);
    }
}

void panic_hex(uintptr_t value)
{
    for (unsigned shift = sizeof value * 8; shift > 0;) {
        shift -= 4;
        if (panic_putc != NULL) {
            panic_putc("0123456789abcdef"[value >> shift & 15]);
        }
    }
}

static void show(const struct panic_record *r)
{
    panic_text("\r\n*** ");
    panic_text(r->why);
    panic_text(" at 0x");
    panic_hex(r->sp);
    panic_text(" in ");
    panic_text(r->tasklet);
    panic_text("\r\n");
}

void panic_finish(struct panic_record *r, enum panic_context context)
{
    const char *name = sched_current() != NULL ? sched_current()->name : "";

    (void)context;
    for (unsigned i = 0; i < PANIC_NAME - 1 && arch_is_image(name) && name[i] != '\0'; i++) {
        r->tasklet[i] = name[i];
        r->tasklet[i + 1] = '\0';
    }
    r->magic = magic;
    show(r);
    if (panic_hook != NULL) {
        panic_hook(r);
    }
    arch_reset();
}

// In brief nothing is contained: what fails takes the program with it.
bool (*panic_contain)(const struct panic_record *r, uintptr_t pc);

void panic(const char *why)
{
    arch_irq_save();
    panic_record.why = why;
    panic_record.sp = (uintptr_t)__builtin_return_address(0);
    panic_record.tasklet[0] = '\0';
    panic_finish(&panic_record, PANIC_TASKLET);
}

bool panic_show_last(void)
{
    bool valid = panic_record.magic == magic && arch_is_image(panic_record.why);

    panic_record.magic = 0;
    if (valid) {
        panic_text("\r\nThe last run ended with:");
        show(&panic_record);
    }
    return valid;
}

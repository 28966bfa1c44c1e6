// SPDX-License-Identifier: MIT
//
// The record of the end in its brief form (`make REPORT=brief`), for images that must be small: the
// sentence and the address; no tasklet, no registers, no backtrace. It is shown once; at the next boot
// it is still there for a debugger.
#include "kernel/panic.h"

#include "kernel/arch.h"

struct panic_record panic_record __attribute__((section(".noinit")));
void (*panic_putc)(char c);
void (*panic_hook)(const struct panic_record *r);

static void put(char c)
{
    if (panic_putc != NULL) {
        panic_putc(c);
    }
}

void panic_text(const char *s)
{
    while (*s != '\0') {
        put(*s++);
    }
}

void panic_hex(uintptr_t value)
{
    for (int shift = (int)sizeof value * 8 - 4; shift >= 0; shift -= 4) {
        unsigned digit = value >> shift & 15;

        put((char)(digit < 10 ? '0' + digit : 'a' - 10 + digit));
    }
}

void panic_finish(struct panic_record *r, enum panic_context context)
{
    (void)context;
    r->magic = 0x53746E62;
    panic_text("\r\n*** ");
    panic_text(r->why);
    panic_text(" at 0x");
    panic_hex(r->sp);
    panic_text("\r\n");
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
    panic_finish(&panic_record, PANIC_TASKLET);
}

bool panic_show_last(void)
{
    return false;
}

// SPDX-License-Identifier: MIT
//
// The end, in words. An assertion that failed or a fault that the processor reported fills a record
// at the symbol `panic_record`, prints it through the board's console by polling, and restarts the
// machine. The record lies in RAM that a warm reset leaves alone, and is printed again at the next
// boot, so that nothing is lost if nobody was watching.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kernel/config.h"

enum { PANIC_REGISTERS = 17, PANIC_TRACE = 8, PANIC_NAME = 12 };

struct panic_record {
    uint32_t magic;                  // PANIC_MAGIC if the record is valid
    uint32_t check;                  // over all that follows and the text of `why`
    const char *why;                 // what happened, a text in the program image
    uintptr_t address;               // the address that faulted, if has_address
    uintptr_t sp;                    // stack pointer there
    uintptr_t stack_base, stack_top; // the tasklet's stack; 0 outside of tasklets
    uintptr_t regs[PANIC_REGISTERS]; // in the order of arch_register_names
    uintptr_t trace[PANIC_TRACE];    // return addresses found on the stack, innermost first
    uintptr_t status;                // the processor's own fault status, 0 for an assertion
    char tasklet[PANIC_NAME];        // name of the running tasklet, "" in poll context
    uint8_t context;                 // enum panic_context
    uint8_t has_address, has_regs;
    uint8_t overflow; // the stack's guard was hit
    uint8_t seen;     // it was printed at a boot already
};

enum panic_context { PANIC_TASKLET, PANIC_POLL, PANIC_INTERRUPT };

extern struct panic_record panic_record;

// Ends the program: `why` is a sentence of the form "chan_send: the channel is NULL". Any context.
_Noreturn void panic(const char *why);

// Misuse by the program. `condition` has no side effects. Stays in release builds.
#if CONFIG_ASSERT
#define ASSERT(condition, why)                                                                     \
    do {                                                                                           \
        if (__builtin_expect(!(condition), 0)) {                                                   \
            panic(why);                                                                            \
        }                                                                                          \
    } while (0)
#else
#define ASSERT(condition, why) ((void)sizeof(condition))
#endif

// ---- For ports and boards ----

// Names of the registers in panic_record.regs, NULL-terminated; from the port.
extern const char *const arch_register_names[];

// True if the machine word before `address` can be a call: filters the backtrace.
bool arch_is_return_address(uintptr_t address);

// True if `text` points into the program image, or into the program's RAM: then it may be read,
// whatever state the machine is in.
bool arch_is_image(const void *text);
bool arch_is_ram(const void *address);

// The end of the stack, other than a tasklet's, that `sp` lies in; `sp` itself if it lies in none.
uintptr_t arch_stack_end(uintptr_t sp);

// Writes one character to the console by polling the device, in any state of the machine. Set by the
// board; NULL: nothing is printed.
extern void (*panic_putc)(char c);

// Called with the finished record after it was printed; does not return. NULL: arch_reset().
extern void (*panic_hook)(const struct panic_record *r);

// The port's fault handler has filled regs, sp, status, address, overflow and why. First it asks whether the
// running tasklet can end alone, having failed at `pc` (kernel/group.h): if true, that was printed, and the
// handler has it go on with reap(). If not, panic_finish() does the rest.
bool panic_contained(struct panic_record *r, enum panic_context context, uintptr_t pc);
_Noreturn void panic_finish(struct panic_record *r, enum panic_context context);

// Set by the first group; NULL: a program without, whose failures are all panics.
extern bool (*panic_contain)(const struct panic_record *r, uintptr_t pc);

// At boot: prints the record of the last run, if there is one that was not shown yet. Returns true
// if there was.
bool panic_show_last(void);

// Writes text and numbers through panic_putc.
void panic_text(const char *s);
void panic_hex(uintptr_t value);

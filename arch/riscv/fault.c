// SPDX-License-Identifier: MIT
//
// Exceptions in words (privileged architecture 1.12, table 3.6).
#include <string.h>

#include "kernel/arch.h"
#include "kernel/contain.h"
#include "kernel/stack.h"

_Noreturn void fault_report(uintptr_t mcause, const uintptr_t *registers, bool in_handler);
_Noreturn void arch_leave_trap_at(void *top, void (*fn)(void));

// Filled by trap.S, in the order of the names below without pc.
uintptr_t arch_fault_registers[16];

const char *const arch_register_names[] = { "ra", "sp", "gp", "tp", "t0", "t1", "s0", "s1", "a0",
                                            "a1", "a2", "a3", "a4", "a5", "a6", "a7", "pc", NULL };

static const char *cause_of(uintptr_t mcause)
{
    static const char *const causes[] = {
        "misaligned instruction address (a call through a wild pointer?)",
        "instruction access fault",
        "illegal instruction (floating point in an interrupt handler?)",
        "breakpoint",
        "misaligned load",
        "load access fault",
        "misaligned store",
        "store access fault",
        "ecall from user mode",
        "ecall from supervisor mode",
        NULL,
        "ecall from machine mode",
        "instruction page fault",
        "load page fault",
        NULL,
        "store page fault",
    };

    if (mcause >= sizeof causes / sizeof causes[0] || causes[mcause] == NULL) {
        return "unknown exception";
    }
    return causes[mcause];
}

static bool overflowed(uintptr_t mcause, uintptr_t address)
{
    const struct tasklet *t = sched_current();
    const uintptr_t guard = ARCH_GUARD_SIZE;

    return t != NULL && (mcause == 5 || mcause == 7) && address - (uintptr_t)t->base < guard;
}

void fault_report(uintptr_t mcause, const uintptr_t *registers, bool in_handler)
{
    struct panic_record *r = &panic_record;

    csr_write(pmpcfg0, 0); // the report reads the overflowed stack
    memset(r, 0, sizeof *r);
    memcpy(r->regs, registers, 16 * sizeof *registers);
    r->regs[16] = csr_read(mepc);
    r->sp = registers[1];
    r->status = mcause;
    r->address = csr_read(mtval);
    r->has_address = mcause != 2 && mcause != 3 && mcause != 11;
    r->has_regs = 1;
    r->overflow = !in_handler && overflowed(mcause, r->address);
    r->why = r->overflow ? "stack overflow" : cause_of(mcause);
    enum panic_context context = in_handler                ? PANIC_INTERRUPT
                                 : sched_current() != NULL ? PANIC_TASKLET
                                                           : PANIC_POLL;

    if (panic_contained(r, context, r->regs[16])) {
        csr_write(pmpcfg0, CONFIG_GUARD ? RISCV_GUARD_CONFIG : 0);
        arch_leave_trap_at(tasklet_stack_top(sched_current()), reap);
    }
    panic_finish(r, context);
}

// SPDX-License-Identifier: MIT
//
// The inline part of kernel/arch.h for RISC-V, RV32 and RV64, machine mode only (privileged
// architecture 1.12).
//
// Traps run on a stack of their own: mscratch holds its top while the processor runs tasklets or
// the scheduler. Handlers do not nest. A handler may not use floating point: mstatus.FS is off
// there.
#pragma once

#include "features.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kernel/config.h"

enum {
    ARCH_STACK_ALIGN = 16,
    ARCH_FRAME_RETURN = 0,
    // The switch frame, the other one, and 48 bytes for the functions in between.
    ARCH_SWITCH_DEPTH = RISCV_FRAME + RISCV_FP_FRAME + 48,
    ARCH_WAIT_DEPTH = 24 * RISCV_WORD,
    // A power of two: one NAPOT entry of the PMP. Larger than a switch frame, which is pushed when
    // the guard has moved on to the next stack already. A build without guards keeps no room for them.
    ARCH_GUARD_SIZE = !CONFIG_GUARD ? 0
                      : RISCV_FLEN  ? 256
                                    : 128,
    ARCH_GUARD_REACH = ARCH_GUARD_SIZE,
    // The switch frame (ra, s0-s11; fs0-fs11 and fcsr), and 96 bytes for the calls that lead there.
    ARCH_STACK_MIN = (RISCV_FRAME + RISCV_FP_FRAME + 96 + 15) / 16 * 16
};
#define ARCH_GUARD_CANARY 0
#define ARCH_COPIES_STACKS

#define csr_read(name)                                                                             \
    ({                                                                                             \
        uintptr_t value_;                                                                          \
        __asm__ volatile("csrr %0, " #name : "=r"(value_)::"memory");                              \
        value_;                                                                                    \
    })
#define csr_write(name, value) __asm__ volatile("csrw " #name ", %0" ::"rK"(value) : "memory")
#define csr_set(name, bits)    __asm__ volatile("csrs " #name ", %0" ::"rK"(bits) : "memory")
#define csr_clear(name, bits)  __asm__ volatile("csrc " #name ", %0" ::"rK"(bits) : "memory")

enum { MSTATUS_MIE = 1 << 3 };

static inline uintptr_t arch_irq_save(void)
{
    uintptr_t before;

    __asm__ volatile("csrrci %0, mstatus, 8" : "=r"(before)::"memory");
    return before & MSTATUS_MIE;
}

static inline void arch_irq_restore(uintptr_t before)
{
    csr_set(mstatus, before);
}

// Set by trap.S while a handler runs.
extern volatile uint32_t arch_trap_depth;

static inline bool arch_in_interrupt(void)
{
    return arch_trap_depth != 0;
}

static inline uintptr_t arch_interrupted_pc(void)
{
    return csr_read(mepc);
}

// WFI ends by a pending interrupt that is enabled in mie, whatever mstatus.MIE says (3.3.3).
static inline bool arch_idle(void *volatile const *attention)
{
    csr_clear(mstatus, MSTATUS_MIE);
    if (*attention == NULL) {
        __asm__ volatile("wfi" ::: "memory");
    }
    csr_set(mstatus, MSTATUS_MIE);
    return true;
}

// The first switch returns to arch_begin, with fn in s0.
void arch_begin(void);

static inline void *arch_stack_init(void *base, void *top, void (*fn)(void *))
{
    uintptr_t *frame = (uintptr_t *)(void *)((char *)top - RISCV_FRAME);

    (void)base;
    frame[0] = (uintptr_t)arch_begin;
    frame[1] = (uintptr_t)fn;
    return frame;
}

// One frame for all who are swapped out. Nothing but the return address is looked at in it.
extern uintptr_t arch_swap_frame[];

static inline void *arch_swapped_out(void)
{
    return arch_swap_frame;
}

// Entry 0 of the PMP forbids the guard, the others allow the rest; loads and stores are checked as if
// made in user mode (mstatus.MPRV and MPP, set by arch_init), for entries that are not locked do
// not bind machine mode itself. That of RAM is locked: nothing is executed there.
struct arch_guard {
    uintptr_t pmpaddr; // NAPOT encoding of base and size
};

static inline void arch_guard_init(struct arch_guard *g, void *base)
{
    g->pmpaddr = (uintptr_t)base >> 2 | (ARCH_GUARD_SIZE / 8 - 1u);
}

static inline void arch_guard_load(const struct arch_guard *g)
{
    csr_write(pmpaddr0, g->pmpaddr);
    csr_write(pmpcfg0, RISCV_GUARD_CONFIG); // QEMU 7.2 drops what it has cached only at this one
}

static inline void arch_guard_end(struct arch_guard *g)
{
    (void)g;
}

// picolibc keeps errno and its like behind the thread pointer. Compiled code never touches it but
// to follow it, so it may be changed from C.
extern char __tls_base[], __tls_end[]; // from the linker script: the block of all the others

static inline void *arch_libc_default(void)
{
    return __tls_base;
}

static inline size_t arch_libc_size(void)
{
    return (size_t)(__tls_end - __tls_base);
}

static inline void arch_libc_load(void *block)
{
    __asm__ volatile("mv tp, %0" ::"r"(block));
}

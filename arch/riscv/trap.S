// SPDX-License-Identifier: MIT
//
// Every trap arrives here: interrupts and exceptions alike, on whatever stack the processor was.
// mscratch holds the top of the trap stack, and is swapped with the interrupted stack pointer.
//
// An exception inside a handler would take the tasklet's stack for the trap stack; arch_trap_depth
// tells, and it is reported on the trap stack that is in use.
#include "asm.h"

    .section .text.arch_trap, "ax"
    .global arch_trap
    .type   arch_trap, @function
    .p2align 6
arch_trap:
    csrrw   sp, mscratch, sp
    addi    sp, sp, -RISCV_TRAP_FRAME
    STORE   t0, 0*RISCV_WORD(sp)
    STORE   t1, 1*RISCV_WORD(sp)
    lw      t0, arch_trap_depth
    bnez    t0, .Lnested
    STORE   ra, 2*RISCV_WORD(sp)
    STORE   t2, 3*RISCV_WORD(sp)
    STORE   t3, 4*RISCV_WORD(sp)
    STORE   t4, 5*RISCV_WORD(sp)
    STORE   t5, 6*RISCV_WORD(sp)
    STORE   t6, 7*RISCV_WORD(sp)
    STORE   a0, 8*RISCV_WORD(sp)
    STORE   a1, 9*RISCV_WORD(sp)
    STORE   a2, 10*RISCV_WORD(sp)
    STORE   a3, 11*RISCV_WORD(sp)
    STORE   a4, 12*RISCV_WORD(sp)
    STORE   a5, 13*RISCV_WORD(sp)
    STORE   a6, 14*RISCV_WORD(sp)
    STORE   a7, 15*RISCV_WORD(sp)
    li      t0, 1
    sw      t0, arch_trap_depth, t1
    csrr    a0, mcause
    bgez    a0, .Lexception
#if RISCV_FLEN
    csrr    t0, mstatus
    STORE   s0, -RISCV_WORD(sp)     // a callee-saved home for it across the handler
    addi    sp, sp, -16
    mv      s0, t0
    li      t1, MSTATUS_FS
    csrc    mstatus, t1             // floating point in a handler traps
    call    arch_interrupt
    csrw    mstatus, s0
    addi    sp, sp, 16
    LOAD    s0, -RISCV_WORD(sp)
#else
    call    arch_interrupt
#endif
    sw      zero, arch_trap_depth, t1
    LOAD    ra, 2*RISCV_WORD(sp)
    LOAD    t2, 3*RISCV_WORD(sp)
    LOAD    t3, 4*RISCV_WORD(sp)
    LOAD    t4, 5*RISCV_WORD(sp)
    LOAD    t5, 6*RISCV_WORD(sp)
    LOAD    t6, 7*RISCV_WORD(sp)
    LOAD    a0, 8*RISCV_WORD(sp)
    LOAD    a1, 9*RISCV_WORD(sp)
    LOAD    a2, 10*RISCV_WORD(sp)
    LOAD    a3, 11*RISCV_WORD(sp)
    LOAD    a4, 12*RISCV_WORD(sp)
    LOAD    a5, 13*RISCV_WORD(sp)
    LOAD    a6, 14*RISCV_WORD(sp)
    LOAD    a7, 15*RISCV_WORD(sp)
    LOAD    t0, 0*RISCV_WORD(sp)
    LOAD    t1, 1*RISCV_WORD(sp)
    addi    sp, sp, RISCV_TRAP_FRAME
    csrrw   sp, mscratch, sp
    mret

// An exception: all registers go into an array for the report, which does not come back.
.Lexception:
    la      a1, arch_fault_registers
    LOAD    t0, 0*RISCV_WORD(sp)
    LOAD    t1, 1*RISCV_WORD(sp)
    STORE   ra, 0*RISCV_WORD(a1)
    csrr    t2, mscratch
    STORE   t2, 1*RISCV_WORD(a1)    // sp
    STORE   gp, 2*RISCV_WORD(a1)
    STORE   tp, 3*RISCV_WORD(a1)
    STORE   t0, 4*RISCV_WORD(a1)
    STORE   t1, 5*RISCV_WORD(a1)
    STORE   s0, 6*RISCV_WORD(a1)
    STORE   s1, 7*RISCV_WORD(a1)
    STORE   a2, 10*RISCV_WORD(a1)
    STORE   a3, 11*RISCV_WORD(a1)
    STORE   a4, 12*RISCV_WORD(a1)
    STORE   a5, 13*RISCV_WORD(a1)
    STORE   a6, 14*RISCV_WORD(a1)
    STORE   a7, 15*RISCV_WORD(a1)
    LOAD    t0, 8*RISCV_WORD(sp)
    STORE   t0, 8*RISCV_WORD(a1)    // a0
    LOAD    t0, 9*RISCV_WORD(sp)
    STORE   t0, 9*RISCV_WORD(a1)    // a1
    li      a2, 0
    tail    fault_report

.Lnested:
    csrrw   sp, mscratch, sp        // back to the trap stack that was in use
    la      a1, arch_fault_registers
    STORE   ra, 0*RISCV_WORD(a1)
    STORE   sp, 1*RISCV_WORD(a1)
    STORE   a0, 8*RISCV_WORD(a1)
    csrr    a0, mcause
    li      a2, 1
    tail    fault_report
    .size   arch_trap, . - arch_trap

// void arch_leave_trap_at(void *top, void (*fn)(void)): out of the handler of an exception to fn, with the
// stack pointer at top and everything else as if just started.
    .section .text.arch_leave_trap_at, "ax"
    .global arch_leave_trap_at
    .type   arch_leave_trap_at, @function
arch_leave_trap_at:
    la      t0, __exc_stack_top
    csrw    mscratch, t0
    sw      zero, arch_trap_depth, t0
    csrw    mepc, a1
    mv      sp, a0
    mret
    .size   arch_leave_trap_at, . - arch_leave_trap_at

// void arch_restart_at(void *top, void (*fn)(void))
    .section .text.arch_restart_at, "ax"
    .global arch_restart_at
    .type   arch_restart_at, @function
arch_restart_at:
    mv      sp, a0
    jr      a1
    .size   arch_restart_at, . - arch_restart_at

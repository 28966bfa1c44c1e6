// SPDX-License-Identifier: MIT
//
// intptr_t arch_switch(void *save, void *load)              a0 = save, a1 = load
//
// A switch is a function call: the caller has saved the temporaries if it wants them. What stays on
// the stack of the one who leaves, lowest address first:
//
//      ra, s0-s11
//
// One whose floating-point state was dirty leaves more behind, and returns by way of the piece of code
// that takes it back:
//
//      restore_fp, s0-s11, fcsr, fs0-fs11, ra
#include "asm.h"
#include "kernel/context.h"

#define VALUE (RISCV_WORD * CONTEXT_VALUE_WORD)
#define SP    (RISCV_WORD * CONTEXT_SP_WORD)

    .text
    .global arch_switch
    .type   arch_switch, @function
    .p2align 2
    .cfi_startproc
arch_switch:
#if RISCV_FLEN
    csrr    t0, mstatus
    li      t1, MSTATUS_FS
    and     t0, t0, t1
    beq     t0, t1, .Lsave_fp       // dirty: it has used the FPU since it was switched to
.Lsave:
#endif
    addi    sp, sp, -RISCV_FRAME
    STORE   ra, 0*RISCV_WORD(sp)
    STORE   s0, 1*RISCV_WORD(sp)
    STORE   s1, 2*RISCV_WORD(sp)
    STORE   s2, 3*RISCV_WORD(sp)
    STORE   s3, 4*RISCV_WORD(sp)
    STORE   s4, 5*RISCV_WORD(sp)
    STORE   s5, 6*RISCV_WORD(sp)
    STORE   s6, 7*RISCV_WORD(sp)
    STORE   s7, 8*RISCV_WORD(sp)
    STORE   s8, 9*RISCV_WORD(sp)
    STORE   s9, 10*RISCV_WORD(sp)
    STORE   s10, 11*RISCV_WORD(sp)
    STORE   s11, 12*RISCV_WORD(sp)
    STORE   sp, SP(a0)
    .global arch_switch_load
    .type   arch_switch_load, @function
arch_switch_load:                   // from here on for swap.S
    LOAD    a0, VALUE(a1)
    LOAD    sp, SP(a1)
    LOAD    ra, 0*RISCV_WORD(sp)
    LOAD    s0, 1*RISCV_WORD(sp)
    LOAD    s1, 2*RISCV_WORD(sp)
    LOAD    s2, 3*RISCV_WORD(sp)
    LOAD    s3, 4*RISCV_WORD(sp)
    LOAD    s4, 5*RISCV_WORD(sp)
    LOAD    s5, 6*RISCV_WORD(sp)
    LOAD    s6, 7*RISCV_WORD(sp)
    LOAD    s7, 8*RISCV_WORD(sp)
    LOAD    s8, 9*RISCV_WORD(sp)
    LOAD    s9, 10*RISCV_WORD(sp)
    LOAD    s10, 11*RISCV_WORD(sp)
    LOAD    s11, 12*RISCV_WORD(sp)
    addi    sp, sp, RISCV_FRAME
    ret

#if RISCV_FLEN
.macro each_fs operation
    \operation fs0, 8+0*RISCV_FLEN(sp)
    \operation fs1, 8+1*RISCV_FLEN(sp)
    \operation fs2, 8+2*RISCV_FLEN(sp)
    \operation fs3, 8+3*RISCV_FLEN(sp)
    \operation fs4, 8+4*RISCV_FLEN(sp)
    \operation fs5, 8+5*RISCV_FLEN(sp)
    \operation fs6, 8+6*RISCV_FLEN(sp)
    \operation fs7, 8+7*RISCV_FLEN(sp)
    \operation fs8, 8+8*RISCV_FLEN(sp)
    \operation fs9, 8+9*RISCV_FLEN(sp)
    \operation fs10, 8+10*RISCV_FLEN(sp)
    \operation fs11, 8+11*RISCV_FLEN(sp)
.endm

.Lsave_fp:
    addi    sp, sp, -RISCV_FP_SIZE
    frcsr   t0
    sw      t0, 0(sp)
    each_fs FSTORE
    STORE   ra, RISCV_FP_SIZE-RISCV_WORD(sp)
    la      ra, arch_restore_fp
    fscsr   zero                    // a tasklet that has none yet begins in the default mode
    csrc    mstatus, t1             // off, then clean: the next one has not used it
    li      t1, MSTATUS_FS_CLEAN
    csrs    mstatus, t1
    j       .Lsave

    .global arch_restore_fp
    .type   arch_restore_fp, @function
arch_restore_fp:
    lw      t0, 0(sp)
    fscsr   t0
    each_fs FLOAD                   // makes it dirty again
    LOAD    ra, RISCV_FP_SIZE-RISCV_WORD(sp)
    addi    sp, sp, RISCV_FP_SIZE
    ret
#endif
    .cfi_endproc
    .size   arch_switch, . - arch_switch

// A tasklet's first switch returns here: a0 is its argument, s0 its function.
    .global arch_begin
    .type   arch_begin, @function
    .p2align 2
arch_begin:
    jalr    s0
    li      a0, 0
    call    tasklet_exit
    .size   arch_begin, . - arch_begin

// SPDX-License-Identifier: MIT
//
// void arch_switch(void **save, void *const *load)          a0 = save, a1 = load
//
// A switch is a function call: the caller has saved the temporaries if it wants them. What stays on
// the stack of the one who leaves, lowest address first:
//
//      [ fcsr, fs0-fs11 ]      only if its floating-point state was dirty; then the pointer carries
//      ra, s0-s11              tag 1
#include "asm.h"

    .text
    .global arch_switch
    .type   arch_switch, @function
    .p2align 2
    .cfi_startproc
arch_switch:
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
#if RISCV_FLEN
    csrr    t0, mstatus
    li      t1, MSTATUS_FS
    and     t0, t0, t1
    beq     t0, t1, .Lsave_fp       // dirty: it has used the FPU since it was switched to
    STORE   sp, 0(a0)
.Lload:
    LOAD    a1, 0(a1)
    andi    t0, a1, 1
    bnez    t0, .Lload_fp
    mv      sp, a1
#else
    STORE   sp, 0(a0)
    LOAD    sp, 0(a1)
#endif
.Lload_integers:
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
    addi    t0, sp, 1               // tag
    STORE   t0, 0(a0)
    fscsr   zero                    // a tasklet that has none yet begins in the default mode
    csrc    mstatus, t1             // off, then clean: the next one has not used it
    li      t1, MSTATUS_FS_CLEAN
    csrs    mstatus, t1
    j       .Lload
.Lload_fp:
    addi    sp, a1, -1
    lw      t0, 0(sp)
    fscsr   t0
    each_fs FLOAD                   // makes it dirty again
    addi    sp, sp, RISCV_FP_SIZE
    j       .Lload_integers
#endif
    .cfi_endproc
    .size   arch_switch, . - arch_switch

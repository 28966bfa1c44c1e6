// SPDX-License-Identifier: MIT
//
// regs.h for RISC-V. In `in` and `out` a floating-point register takes RISCV_FLEN bytes.
#include "arch/riscv/asm.h"
#include "tests/arch/regs_flags.h"

#define W RISCV_WORD

    .text

.macro function name
    .global \name
    .type   \name, @function
    .p2align 2
\name:
.endm

.macro each_s operation, base
    \operation s0, 0*W(\base)
    \operation s1, 1*W(\base)
    \operation s2, 2*W(\base)
    \operation s3, 3*W(\base)
    \operation s4, 4*W(\base)
    \operation s5, 5*W(\base)
    \operation s6, 6*W(\base)
    \operation s7, 7*W(\base)
    \operation s8, 8*W(\base)
    \operation s9, 9*W(\base)
    \operation s10, 10*W(\base)
    \operation s11, 11*W(\base)
.endm

// in, out: s0-s11
function regs_saved
    addi    sp, sp, -16*W
    STORE   ra, 12*W(sp)
    STORE   a1, 13*W(sp)
    each_s  STORE, sp
    each_s  LOAD, a0
    jalr    a2
    LOAD    a0, 13*W(sp)
    each_s  STORE, a0
    each_s  LOAD, sp
    LOAD    ra, 12*W(sp)
    addi    sp, sp, 16*W
    ret

.macro each_temporary operation, base
    \operation ra, 12*W(\base)
    \operation t0, 13*W(\base)
    \operation t1, 14*W(\base)
    \operation t2, 15*W(\base)
    \operation t3, 16*W(\base)
    \operation t4, 17*W(\base)
    \operation t5, 18*W(\base)
    \operation t6, 19*W(\base)
    \operation a1, 20*W(\base)
    \operation a2, 21*W(\base)
    \operation a3, 22*W(\base)
    \operation a4, 23*W(\base)
    \operation a5, 24*W(\base)
    \operation a6, 25*W(\base)
    \operation a7, 26*W(\base)
.endm

// in, out: s0-s11, ra, t0-t6, a1-a7. a0 counts.
function regs_all
    addi    sp, sp, -16*W
    STORE   ra, 12*W(sp)
    STORE   a1, 13*W(sp)
    STORE   a2, 14*W(sp)
    each_s  STORE, sp
    each_s  LOAD, a0
    each_temporary LOAD, a0
    LOAD    a0, 14*W(sp)
1:
    addi    a0, a0, -1
    bnez    a0, 1b
    LOAD    a0, 13*W(sp)
    each_s  STORE, a0
    each_temporary STORE, a0
    each_s  LOAD, sp
    LOAD    ra, 12*W(sp)
    addi    sp, sp, 16*W
    ret

#if RISCV_FLEN
.macro each_fs operation, base
    .irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11
    \operation fs\n, \n*RISCV_FLEN(\base)
    .endr
.endm

.macro each_ft operation, base
    .irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11
    \operation ft\n, (12+\n)*RISCV_FLEN(\base)
    .endr
    .irp n, 0, 1, 2, 3, 4, 5, 6, 7
    \operation fa\n, (24+\n)*RISCV_FLEN(\base)
    .endr
.endm

#define FP_FRAME (12*RISCV_FLEN + 16)

// in, out: fs0-fs11
function regs_saved_float
    addi    sp, sp, -FP_FRAME
    STORE   ra, 12*RISCV_FLEN(sp)
    STORE   s0, 12*RISCV_FLEN+8(sp)
    each_fs FSTORE, sp
    mv      s0, a1
    each_fs FLOAD, a0
    jalr    a2
    each_fs FSTORE, s0
    each_fs FLOAD, sp
    LOAD    ra, 12*RISCV_FLEN(sp)
    LOAD    s0, 12*RISCV_FLEN+8(sp)
    addi    sp, sp, FP_FRAME
    ret

// in, out: fs0-fs11, ft0-ft11, fa0-fa7
function regs_all_float
    addi    sp, sp, -FP_FRAME
    each_fs FSTORE, sp
    each_fs FLOAD, a0
    each_ft FLOAD, a0
1:
    addi    a2, a2, -1
    bnez    a2, 1b
    each_fs FSTORE, a1
    each_ft FSTORE, a1
    each_fs FLOAD, sp
    addi    sp, sp, FP_FRAME
    ret

function regs_rounding
    frrm    a0
    ret

function regs_set_rounding
    fsrm    a0
    ret

// mstatus.FS is 3, dirty
function regs_float_active
    csrr    a0, mstatus
    srli    a0, a0, 13
    andi    a0, a0, 3
    addi    a0, a0, -3
    seqz    a0, a0
    ret
#else
function regs_saved_float
    ret
function regs_all_float
    ret
function regs_rounding
    li      a0, 0
    ret
function regs_set_rounding
    ret
function regs_float_active
    li      a0, 0
    ret
#endif

// Floating point is off in a handler.
function regs_clobber
    li      t0, 0xDEADBEE
    .irp reg, t1, t2, t3, t4, t5, t6, a0, a1, a2, a3, a4, a5, a6, a7
    mv      \reg, t0
    .endr
    ret

function regs_sp
    mv      a0, sp
    ret

function regs_prepare
    ret

    .section .rodata.regs_port, "a"
    .global regs_port
    .p2align 2
regs_port:
#if RISCV_FLEN
    .word   12, 12*RISCV_FLEN/W, 27, 32*RISCV_FLEN/W, 0
    .word   REGS_ROUNDING + REGS_MASKS + REGS_LAZY + REGS_STATE
#else
    .word   12, 0, 27, 0, 0
    .word   REGS_MASKS
#endif

// SPDX-License-Identifier: MIT
//
// intptr_t arch_call_on(uintptr_t top, intptr_t (*fn)(void *arg), void *arg)      a0, a1, a2
//
// A call on another stack: s0 keeps this one's pointer.
#include "asm.h"

    .section .text.arch_call_on, "ax", @progbits
    .global arch_call_on
    .type   arch_call_on, @function
    .p2align 2
    .cfi_startproc
arch_call_on:
    addi    sp, sp, -16
    STORE   ra, 16-RISCV_WORD(sp)
    STORE   s0, 16-2*RISCV_WORD(sp)
    mv      s0, sp
    .cfi_def_cfa s0, 16
    .cfi_offset ra, -RISCV_WORD
    .cfi_offset s0, -2*RISCV_WORD
    andi    sp, a0, -16         // aligned, as a call wants it
    mv      a0, a2
    jalr    a1
    mv      sp, s0
    LOAD    ra, 16-RISCV_WORD(sp)
    LOAD    s0, 16-2*RISCV_WORD(sp)
    addi    sp, sp, 16
    ret
    .cfi_endproc
    .size   arch_call_on, . - arch_call_on

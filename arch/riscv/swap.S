// SPDX-License-Identifier: MIT
//
// Where a switch to a tasklet goes on that is not on its stack: it is put there, by C code on the scheduler's
// stack, which is free while a tasklet runs. Then the switch is made again, this time to its bytes.
#include "asm.h"
#include "kernel/context.h"

    .section .text.arch_swap_in, "ax", @progbits
    .type   arch_swap_in, @function
    .p2align 2
arch_swap_in:
    la      t0, sched
    LOAD    sp, RISCV_WORD*CONTEXT_SP_WORD(t0)
    call    stack_swap_in
    mv      a1, a0
    tail    arch_switch_load
    .size   arch_swap_in, . - arch_swap_in

// Never written: traps have a stack of their own.
    .section .rodata.arch_swap_frame, "a", @progbits
    .global arch_swap_frame
    .type   arch_swap_frame, @object
    .balign 16
arch_swap_frame:
#if RISCV_WORD == 8
    .dword  arch_swap_in
#else
    .word   arch_swap_in
#endif
    .zero   RISCV_FRAME - RISCV_WORD
    .size   arch_swap_frame, . - arch_swap_frame

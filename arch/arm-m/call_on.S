// SPDX-License-Identifier: MIT
//
// intptr_t arch_call_on(uintptr_t top, intptr_t (*fn)(void *arg), void *arg)      r0, r1, r2
//
// A call on another stack: r4 keeps this one's pointer, r5 its limit. The limit is lifted while the
// pointer moves, for an exception right there stacks its frame on either.
#include "features.h"

    .syntax unified
    .section .text.arch_call_on, "ax", %progbits
    .thumb

    .global arch_call_on
    .type   arch_call_on, %function
    .thumb_func
    .p2align 2
    .cfi_startproc
arch_call_on:
    push    {r3-r5, lr}         // r3 for alignment
    .cfi_def_cfa_offset 16
    .cfi_offset lr, -4
    .cfi_offset r5, -8
    .cfi_offset r4, -12
    mov     r4, sp
    .cfi_def_cfa_register r4
    lsrs    r0, r0, #3          // aligned, as a call wants it
    lsls    r0, r0, #3
#if ARM_HAS_PSPLIM
    mrs     r5, psplim
    movs    r3, #0
    msr     psplim, r3
    mov     sp, r0
    ldr     r3, =__poll_stack_base
    msr     psplim, r3
    mov     r0, r2
    blx     r1
    movs    r3, #0
    msr     psplim, r3
    mov     sp, r4
    msr     psplim, r5
#else
    mov     sp, r0
    mov     r0, r2
    blx     r1
    mov     sp, r4
#endif
    .cfi_def_cfa_register sp
    pop     {r3-r5, pc}
    .cfi_endproc
    .size   arch_call_on, . - arch_call_on
    .ltorg

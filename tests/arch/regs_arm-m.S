// SPDX-License-Identifier: MIT
//
// regs.h for ARM Cortex-M. Armv6-M loads and stores the low eight registers only, so the others go
// through them; and the same code serves all.
#include "arch/arm-m/features.h"
#include "tests/arch/regs_flags.h"

    .syntax unified
    .thumb
    .text

.macro function name
    .global \name
    .type   \name, %function
    .thumb_func
    .p2align 2
\name:
.endm

.macro push_saved
    push    {r4-r7, lr}
    mov     r4, r8
    mov     r5, r9
    mov     r6, r10
    mov     r7, r11
    push    {r4-r7}
.endm

.macro pop_saved
    pop     {r4-r7}
    mov     r8, r4
    mov     r9, r5
    mov     r10, r6
    mov     r11, r7
    pop     {r4-r7, pc}
.endm

// in, out: r4-r7, r8-r11
function regs_saved
    push_saved
    sub     sp, #12
    str     r1, [sp]
    mov     r3, r0
    adds    r3, #16
    ldmia   r3!, {r4-r7}
    mov     r8, r4
    mov     r9, r5
    mov     r10, r6
    mov     r11, r7
    ldmia   r0!, {r4-r7}
    blx     r2
    ldr     r0, [sp]
    stmia   r0!, {r4-r7}
    mov     r4, r8
    mov     r5, r9
    mov     r6, r10
    mov     r7, r11
    stmia   r0!, {r4-r7}
    add     sp, #12
    pop_saved

// in, out: r1-r7, r8-r12, lr. r0 counts.
function regs_all
    push_saved
    sub     sp, #12
    str     r1, [sp]
    str     r2, [sp, #4]
    mov     r1, r0
    adds    r1, #28
    ldmia   r1!, {r2-r7}
    mov     r8, r2
    mov     r9, r3
    mov     r10, r4
    mov     r11, r5
    mov     r12, r6
    mov     lr, r7
    ldmia   r0!, {r1-r7}
    ldr     r0, [sp, #4]
1:
    subs    r0, r0, #1
    bne     1b
    ldr     r0, [sp]
    stmia   r0!, {r1-r7}
    mov     r2, r8
    mov     r3, r9
    mov     r4, r10
    mov     r5, r11
    mov     r6, r12
    mov     r7, lr
    stmia   r0!, {r2-r7}
    add     sp, #12
    pop_saved

#if ARM_HAS_FPU
// in, out: s16-s31
function regs_saved_float
    push    {r4, lr}
    vpush   {s16-s31}
    mov     r4, r1
    vldmia  r0, {s16-s31}
    blx     r2
    vstmia  r4, {s16-s31}
    vpop    {s16-s31}
    pop     {r4, pc}

// in, out: s0-s31
function regs_all_float
    vpush   {s16-s31}
    vldmia  r0, {s0-s31}
1:
    subs    r2, r2, #1
    bne     1b
    vstmia  r1, {s0-s31}
    vpop    {s16-s31}
    bx      lr

// FPSCR, bits 22 and 23
function regs_rounding
    vmrs    r0, fpscr
    ubfx    r0, r0, #22, #2
    bx      lr

function regs_set_rounding
    vmrs    r1, fpscr
    bfi     r1, r0, #22, #2
    vmsr    fpscr, r1
    bx      lr

// CONTROL.FPCA
function regs_float_active
    mrs     r0, control
    ubfx    r0, r0, #2, #1
    bx      lr
#else
function regs_saved_float
    bx      lr
function regs_all_float
    bx      lr
function regs_rounding
    movs    r0, #0
    bx      lr
function regs_set_rounding
    bx      lr
function regs_float_active
    movs    r0, #0
    bx      lr
#endif

function regs_clobber
    ldr     r0, =0xDEADBEEF
    movs    r1, r0
    movs    r2, r0
    movs    r3, r0
    mov     r12, r0
#if ARM_HAS_FPU
    .irp    n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
    vmov    s\n, r0
    .endr
    ldr     r2, =0xF0C0009F     // flags, rounding towards zero, exceptions; others are loops'
    vmrs    r1, fpscr
    orrs    r1, r2
    vmsr    fpscr, r1
#endif
    bx      lr

function regs_sp
    mov     r0, sp
    bx      lr

// SHPR3, bits 16-23: PendSV
function regs_prepare
    ldr     r1, =0xE000ED20
    ldr     r0, [r1]
    ldr     r2, =0x00FF0000
    orrs    r0, r2
    str     r0, [r1]
    bx      lr

    .ltorg
    .section .rodata.regs_port, "a"
    .global regs_port
    .p2align 2
regs_port:
#if ARM_HAS_FPU
    .word   8, 16, 13, 32, 4 * 26 + 4
    .word   REGS_ROUNDING + REGS_NESTS + REGS_MASKS + REGS_LAZY + REGS_STATE
#else
    .word   8, 0, 13, 0, 4 * 8 + 4
    .word   REGS_NESTS + REGS_MASKS
#endif

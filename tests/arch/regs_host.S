// SPDX-License-Identifier: MIT
//
// regs.h for Linux processes. Interrupts are calls, so registers change in calls only.
#include "tests/arch/regs_flags.h"

    .text

.macro function name
    .global \name
    .type   \name, %function
    .p2align 2
\name:
.endm

#if defined(__x86_64__)
// in, out: rbx, rbp, r12-r15
function regs_saved
    pushq   %rbp
    pushq   %rbx
    pushq   %r12
    pushq   %r13
    pushq   %r14
    pushq   %r15
    pushq   %rsi
    movq    0(%rdi), %rbx
    movq    8(%rdi), %rbp
    movq    16(%rdi), %r12
    movq    24(%rdi), %r13
    movq    32(%rdi), %r14
    movq    40(%rdi), %r15
    call    *%rdx
    popq    %rsi
    movq    %rbx, 0(%rsi)
    movq    %rbp, 8(%rsi)
    movq    %r12, 16(%rsi)
    movq    %r13, 24(%rsi)
    movq    %r14, 32(%rsi)
    movq    %r15, 40(%rsi)
    popq    %r15
    popq    %r14
    popq    %r13
    popq    %r12
    popq    %rbx
    popq    %rbp
    ret

function regs_sp
    leaq    8(%rsp), %rax
    ret

// MXCSR, bits 13 and 14
function regs_rounding
    subq    $8, %rsp
    stmxcsr (%rsp)
    movl    (%rsp), %eax
    addq    $8, %rsp
    shrl    $13, %eax
    andl    $3, %eax
    ret

// That of the x87 (bits 10 and 11) too; it comes back with the other, or floating point is wrong.
function regs_set_rounding
    subq    $8, %rsp
    stmxcsr (%rsp)
    fnstcw  4(%rsp)
    andl    $~0x6000, (%rsp)
    andw    $~0x0C00, 4(%rsp)
    movl    %edi, %eax
    shll    $13, %eax
    orl     %eax, (%rsp)
    shrl    $3, %eax
    orw     %ax, 4(%rsp)
    ldmxcsr (%rsp)
    fldcw   4(%rsp)
    addq    $8, %rsp
    ret

function regs_float_active
    xorl    %eax, %eax
    ret

function regs_saved_float
function regs_all
function regs_all_float
function regs_clobber
function regs_prepare
    ret

    .section .rodata
    .global regs_port
    .p2align 2
regs_port:
    .long   6, 0, 0, 0, 0xFFFFFFFF, REGS_ROUNDING
#elif defined(__aarch64__)
// in, out: x19-x28
function regs_saved
    stp     x29, x30, [sp, #-112]!
    stp     x19, x20, [sp, #16]
    stp     x21, x22, [sp, #32]
    stp     x23, x24, [sp, #48]
    stp     x25, x26, [sp, #64]
    stp     x27, x28, [sp, #80]
    str     x1, [sp, #96]
    ldp     x19, x20, [x0]
    ldp     x21, x22, [x0, #16]
    ldp     x23, x24, [x0, #32]
    ldp     x25, x26, [x0, #48]
    ldp     x27, x28, [x0, #64]
    blr     x2
    ldr     x1, [sp, #96]
    stp     x19, x20, [x1]
    stp     x21, x22, [x1, #16]
    stp     x23, x24, [x1, #32]
    stp     x25, x26, [x1, #48]
    stp     x27, x28, [x1, #64]
    ldp     x19, x20, [sp, #16]
    ldp     x21, x22, [sp, #32]
    ldp     x23, x24, [sp, #48]
    ldp     x25, x26, [sp, #64]
    ldp     x27, x28, [sp, #80]
    ldp     x29, x30, [sp], #112
    ret

// in, out: d8-d15
function regs_saved_float
    stp     x29, x30, [sp, #-96]!
    stp     d8, d9, [sp, #16]
    stp     d10, d11, [sp, #32]
    stp     d12, d13, [sp, #48]
    stp     d14, d15, [sp, #64]
    str     x1, [sp, #80]
    ldp     d8, d9, [x0]
    ldp     d10, d11, [x0, #16]
    ldp     d12, d13, [x0, #32]
    ldp     d14, d15, [x0, #48]
    blr     x2
    ldr     x1, [sp, #80]
    stp     d8, d9, [x1]
    stp     d10, d11, [x1, #16]
    stp     d12, d13, [x1, #32]
    stp     d14, d15, [x1, #48]
    ldp     d8, d9, [sp, #16]
    ldp     d10, d11, [sp, #32]
    ldp     d12, d13, [sp, #48]
    ldp     d14, d15, [sp, #64]
    ldp     x29, x30, [sp], #96
    ret

function regs_sp
    mov     x0, sp
    ret

// FPCR, bits 22 and 23
function regs_rounding
    mrs     x0, fpcr
    ubfx    x0, x0, #22, #2
    ret

function regs_set_rounding
    mrs     x1, fpcr
    bfi     x1, x0, #22, #2
    msr     fpcr, x1
    ret

function regs_float_active
    mov     x0, #0
    ret

function regs_all
function regs_all_float
function regs_clobber
function regs_prepare
    ret

    .section .rodata
    .global regs_port
    .p2align 2
regs_port:
    .long   10, 8, 0, 0, 0xFFFFFFFF, REGS_ROUNDING
#endif
    .section .note.GNU-stack, "", %progbits

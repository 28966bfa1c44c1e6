// SPDX-License-Identifier: MIT
//
// void host_switch(void **save, void *const *load): the callee-saved registers of the System V ABI (x86-64) or
// the AAPCS64, on the stack that is left.
#include "kernel/context.h"

#if defined(__x86_64__)
    .text
    .global host_switch
    .type   host_switch, @function
host_switch:
    pushq   %rbp
    pushq   %rbx
    pushq   %r12
    pushq   %r13
    pushq   %r14
    pushq   %r15
    subq    $8, %rsp
    stmxcsr (%rsp)
    fnstcw  4(%rsp)
    movq    %rsp, (%rdi)
host_load:
    movq    (%rsi), %rsp
    ldmxcsr (%rsp)
    fldcw   4(%rsp)
    addq    $8, %rsp
    popq    %r15
    popq    %r14
    popq    %r13
    popq    %r12
    popq    %rbx
    popq    %rbp
    ret
    .size   host_switch, . - host_switch

// The first switch to a tasklet returns here; r12 holds what to call.
    .global host_first
    .type   host_first, @function
host_first:
    xorl    %ebp, %ebp
    movq    %r12, %rdi
    call    host_begin
    .size   host_first, . - host_first

// A switch to a tasklet that is not on its stack goes on here: as arch/arm-m/swap.S.
    .type   host_swap_in, @function
host_swap_in:
    movq    sched+8*CONTEXT_SP_WORD(%rip), %rsp
    andq    $-16, %rsp
    call    host_swap
    leaq    8*CONTEXT_SP_WORD(%rax), %rsi
    jmp     host_load
    .size   host_swap_in, . - host_swap_in

    .section .data.rel.ro, "aw", @progbits
    .global host_swap_frame
    .type   host_swap_frame, @object
    .balign 16
host_swap_frame:
    .quad   0x37F00001F80           // the ABI's initial x87 control word and MXCSR
    .quad   0, 0, 0, 0, 0, 0
    .quad   host_swap_in
    .size   host_swap_frame, . - host_swap_frame
    .text

// void host_restart(void *top, void (*fn)(void))
    .global host_restart
    .type   host_restart, @function
host_restart:
    movq    %rdi, %rsp
    xorl    %ebp, %ebp
    call    *%rsi
    .size   host_restart, . - host_restart
#elif defined(__aarch64__)
    .text
    .global host_switch
    .type   host_switch, %function
host_switch:
    sub     sp, sp, #176
    stp     x19, x20, [sp, #0]
    stp     x21, x22, [sp, #16]
    stp     x23, x24, [sp, #32]
    stp     x25, x26, [sp, #48]
    stp     x27, x28, [sp, #64]
    stp     x29, x30, [sp, #80]
    stp     d8, d9, [sp, #96]
    stp     d10, d11, [sp, #112]
    stp     d12, d13, [sp, #128]
    stp     d14, d15, [sp, #144]
    mrs     x9, fpcr
    str     x9, [sp, #160]
    mov     x9, sp
    str     x9, [x0]
host_load:
    ldr     x1, [x1]
    mov     sp, x1
    ldr     x9, [sp, #160]
    msr     fpcr, x9
    ldp     x19, x20, [sp, #0]
    ldp     x21, x22, [sp, #16]
    ldp     x23, x24, [sp, #32]
    ldp     x25, x26, [sp, #48]
    ldp     x27, x28, [sp, #64]
    ldp     x29, x30, [sp, #80]
    ldp     d8, d9, [sp, #96]
    ldp     d10, d11, [sp, #112]
    ldp     d12, d13, [sp, #128]
    ldp     d14, d15, [sp, #144]
    add     sp, sp, #176
    ret
    .size   host_switch, . - host_switch

    .global host_first
    .type   host_first, %function
host_first:
    mov     x29, #0
    mov     x0, x19
    bl      host_begin
    .size   host_first, . - host_first

// A switch to a tasklet that is not on its stack goes on here: as arch/arm-m/swap.S.
    .type   host_swap_in, %function
host_swap_in:
    adrp    x9, sched
    add     x9, x9, :lo12:sched
    ldr     x9, [x9, #8*CONTEXT_SP_WORD]
    and     sp, x9, #-16
    bl      host_swap
    add     x1, x0, #8*CONTEXT_SP_WORD
    b       host_load
    .size   host_swap_in, . - host_swap_in

    .section .data.rel.ro, "aw", %progbits
    .global host_swap_frame
    .type   host_swap_frame, %object
    .balign 16
host_swap_frame:
    .zero   11*8
    .quad   host_swap_in
    .zero   10*8
    .size   host_swap_frame, . - host_swap_frame
    .text

    .global host_restart
    .type   host_restart, %function
host_restart:
    mov     sp, x0
    mov     x29, #0
    blr     x1
    .size   host_restart, . - host_restart
#else
#error "the host port knows x86-64 and aarch64"
#endif
    .section .note.GNU-stack, "", %progbits

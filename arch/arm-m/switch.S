// SPDX-License-Identifier: MIT
//
// intptr_t arch_switch(void *save, void *load)              r0 = save, r1 = load
//
// A switch is a function call: the caller has saved r0-r3, r12 and s0-s15 if it wants them. What
// stays on the stack of the one who leaves, lowest address first:
//
//      [ PSPLIM ]              only where the processor has one
//      r4-r11, return address  (Armv6-M: r8-r11, r4-r7, return address)
//
// One who used the FPU leaves more behind, and returns by way of the piece of code that takes it back:
//
//      [ PSPLIM ]
//      r4-r11, restore_fp, FPSCR, s16-s31, return address
#include "features.h"
#include "kernel/context.h"

#define VALUE (4 * CONTEXT_VALUE_WORD)
#define SP    (4 * CONTEXT_SP_WORD)

    .syntax unified
    .thumb
    .text

    .global arch_switch
    .type   arch_switch, %function
    .thumb_func
    .p2align 2
    .cfi_startproc
arch_switch:
#if defined(__ARM_ARCH_6M__)
    push    {r4-r7, lr}
    mov     r4, r8
    mov     r5, r9
    mov     r6, r10
    mov     r7, r11
    push    {r4-r7}
    mov     r2, sp
    str     r2, [r0, #SP]
    .global arch_switch_load
    .type   arch_switch_load, %function
    .thumb_func
arch_switch_load:               // from here on for swap.S
    ldr     r0, [r1, #VALUE]
    ldr     r1, [r1, #SP]
    mov     sp, r1
    pop     {r4-r7}
    mov     r8, r4
    mov     r9, r5
    mov     r10, r6
    mov     r11, r7
    pop     {r4-r7, pc}
#else
#if ARM_HAS_FPU
    mrs     r2, control
    lsls    r3, r2, #29         // N = CONTROL.FPCA: it has used the FPU since it was switched to
    bmi     .Lsave_fp
.Lsave:
#endif
#if ARM_HAS_PSPLIM
    mrs     r3, psplim
    push    {r3-r11, lr}
#else
    push    {r4-r11, lr}
#endif
    str     sp, [r0, #SP]
    .global arch_switch_load
    .type   arch_switch_load, %function
    .thumb_func
arch_switch_load:               // from here on for swap.S
    ldrd    r0, r2, [r1, #VALUE]
#if ARM_HAS_PSPLIM
    movs    r3, #0              // no limit while the pointer is between two stacks: an exception
    msr     psplim, r3          // right here stacks its frame on either of them
    mov     sp, r2
    pop     {r3}
    msr     psplim, r3
#else
    mov     sp, r2
#endif
    pop     {r4-r11, pc}

#if ARM_HAS_FPU
.Lsave_fp:
    push    {lr}
    vpush   {s16-s31}
    vmrs    r3, fpscr
    push    {r3}
    ldr     lr, =arch_restore_fp
    bic     r2, r2, #4          // the next one has not used it: else one user would make all pay
    msr     control, r2
    isb
    b       .Lsave

    .global arch_restore_fp
    .type   arch_restore_fp, %function
    .thumb_func
arch_restore_fp:
    pop     {r3}
    vmsr    fpscr, r3           // the first FPU instruction sets FPCA again
    vpop    {s16-s31}
    pop     {pc}
    .ltorg
#endif
#endif
    .cfi_endproc
    .size   arch_switch, . - arch_switch

// A tasklet's first switch returns here: r0 is its argument, r4 its function.
    .global arch_begin
    .type   arch_begin, %function
    .thumb_func
    .p2align 2
arch_begin:
    blx     r4
    movs    r0, #0
    bl      tasklet_exit
    .size   arch_begin, . - arch_begin

// void arch_restart_at(void *top, void (*fn)(void))
    .global arch_restart_at
    .type   arch_restart_at, %function
    .thumb_func
    .p2align 2
arch_restart_at:
    mov     sp, r0
    bx      r1
    .size   arch_restart_at, . - arch_restart_at

// Every fault arrives here. The handler is a C function with three arguments: the exception frame,
// r4-r11, and EXC_RETURN, which says on which stack the frame lies.
    .global arch_fault
    .type   arch_fault, %function
    .thumb_func
    .p2align 2
arch_fault:
    mov     r2, lr
    mrs     r0, msp
    lsls    r3, r2, #29         // bit 2: the frame is on the process stack
    bpl     1f
    mrs     r0, psp
1:
    push    {r3-r7, lr}         // r3 for alignment
    mov     r4, r8
    mov     r5, r9
    mov     r6, r10
    mov     r7, r11
    push    {r4-r7}             // r8-r11, r3, r4-r7, from below
    mov     r1, sp
    bl      fault_report
    add     sp, #16
    pop     {r3-r7}
    pop     {r1}
    bx      r0                  // where it says; the EXC_RETURN of before, or another frame
    .size   arch_fault, . - arch_fault

// SPDX-License-Identifier: MIT
//
// Where a switch to a tasklet goes on that is not on its stack: it is put there, by C code on the scheduler's
// stack, which is free while a tasklet runs. Then the switch is made again, this time to its bytes.
#include "features.h"
#include "kernel/context.h"

    .syntax unified
    .section .text.arch_swap_in, "ax", %progbits
    .thumb

    .global arch_swap_in
    .type   arch_swap_in, %function
    .thumb_func
    .p2align 2
arch_swap_in:
    ldr     r0, =sched
    ldr     r0, [r0, #4 * CONTEXT_SP_WORD]
#if defined(__ARM_ARCH_6M__)
    lsrs    r0, r0, #3          // aligned, as a call wants it
    lsls    r0, r0, #3
#else
    bic     r0, r0, #7
#endif
#if ARM_HAS_PSPLIM
    movs    r3, #0              // as in arch_switch
    msr     psplim, r3
    mov     sp, r0
    ldr     r3, =__poll_stack_base
    msr     psplim, r3
#else
    mov     sp, r0
#endif
    bl      stack_swap_in
    mov     r1, r0
#if defined(__ARM_ARCH_6M__)
    ldr     r3, =arch_switch_load
    bx      r3
#else
    b       arch_switch_load
#endif
    .ltorg
    .size   arch_swap_in, . - arch_swap_in

    .section .bss.arch_swap_area, "aw", %nobits
    .global arch_swap_area
    .type   arch_swap_area, %object
    .balign 8
arch_swap_area:
    .space  (10 + 10) * 4
    .size   arch_swap_area, . - arch_swap_area

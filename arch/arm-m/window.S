// SPDX-License-Identifier: MIT
//
// void arch_window_read(void *to, const volatile uint32_t *window, size_t words)       r0, r1, r2
// void arch_window_write(volatile uint32_t *window, const uint32_t *from, size_t words)
//
// Copies from and to a FIFO whose port is mapped over eight words: eight at a time, half an
// instruction a word. An interrupt in the middle of a multiple transfer continues it afterwards (ICI
// bits, DDI0403 B1.5.10); Armv6-M would begin it again, and therefore copies word by word.
#include "features.h"

    .syntax unified
    .thumb
    .text

#if defined(__ARM_ARCH_6M__)
    .section .text.arch_window_read, "ax", %progbits
    .global arch_window_read
    .type   arch_window_read, %function
    .thumb_func
arch_window_read:
    cmp     r2, #0
    beq     2f
1:  ldr     r3, [r1]
    stm     r0!, {r3}
    subs    r2, #1
    bne     1b
2:  bx      lr

    .section .text.arch_window_write, "ax", %progbits
    .global arch_window_write
    .type   arch_window_write, %function
    .thumb_func
arch_window_write:
    cmp     r2, #0
    beq     2f
1:  ldm     r1!, {r3}
    str     r3, [r0]
    subs    r2, #1
    bne     1b
2:  bx      lr
#else
    .section .text.arch_window_read, "ax", %progbits
    .global arch_window_read
    .type   arch_window_read, %function
    .thumb_func
    .p2align 2
arch_window_read:
    push    {r4-r10, lr}
    subs    r2, #8
    blo     2f
1:  ldm     r1, {r3-r10}
    stm     r0!, {r3-r10}
    subs    r2, #8
    bhs     1b
2:  adds    r2, #8
    beq     4f
3:  ldr     r3, [r1]
    str     r3, [r0], #4
    subs    r2, #1
    bne     3b
4:  pop     {r4-r10, pc}

    .section .text.arch_window_write, "ax", %progbits
    .global arch_window_write
    .type   arch_window_write, %function
    .thumb_func
    .p2align 2
arch_window_write:
    push    {r4-r10, lr}
    subs    r2, #8
    blo     2f
1:  ldm     r1!, {r3-r10}
    stm     r0, {r3-r10}
    subs    r2, #8
    bhs     1b
2:  adds    r2, #8
    beq     4f
3:  ldr     r3, [r1], #4
    str     r3, [r0]
    subs    r2, #1
    bne     3b
4:  pop     {r4-r10, pc}
#endif

// SPDX-License-Identifier: MIT
//
// Stacks into chunks and back: a chunk is eight registers. Armv7-M and newer. See kernel/save_area.h; a link is a
// sixteenth of the chunk's place in bytes.
#define FREE 10 // in struct save_area

    .syntax unified
    .thumb

// uint16_t save_area_take(struct save_area *a, const void *from, size_t n)           r0, r1, r2
    .section .text.save_area_take, "ax", %progbits
    .global save_area_take
    .type   save_area_take, %function
    .thumb_func
    .p2align 2
save_area_take:
    push    {r0, r4-r11, lr}
    ldrh    r3, [r0, #FREE]
    push    {r3}
    ldrd    r0, lr, [r0]        // chunks, links
1:  ldmia   r1!, {r4-r11}
    add     r12, r0, r3, lsl #4
    ldrh    r3, [lr, r3]
    subs    r2, r2, #1
    stmia   r12, {r4-r11}
    bne     1b
    ldr     r1, [sp, #4]
    strh    r3, [r1, #FREE]
    pop     {r0, r1, r4-r11, pc}
    .size   save_area_take, . - save_area_take

// void save_area_give(struct save_area *a, uint16_t first, void *to, size_t n)      r0, r1, r2, r3
    .section .text.save_area_give, "ax", %progbits
    .global save_area_give
    .type   save_area_give, %function
    .thumb_func
    .p2align 2
save_area_give:
    push    {r0, r1, r4-r11, lr}
    ldrd    r0, lr, [r0]        // chunks, links
1:  add     r12, r0, r1, lsl #4
    ldmia   r12, {r4-r11}
    mov     r12, r1             // the last of the chain, in the end
    ldrh    r1, [lr, r1]
    subs    r3, r3, #1
    stmia   r2!, {r4-r11}
    bne     1b
    pop     {r0, r1}
    ldrh    r2, [r0, #FREE]
    strh    r1, [r0, #FREE]
    strh    r2, [lr, r12]
    pop     {r4-r11, pc}
    .size   save_area_give, . - save_area_give

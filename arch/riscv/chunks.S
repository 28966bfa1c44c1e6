// SPDX-License-Identifier: MIT
//
// Stacks into chunks and back, four chunks a round: all the rest counts as much as the bytes. See
// kernel/save_area.h; a link is a sixteenth of the chunk's place in bytes.
#include "asm.h"

#define FREE (2*RISCV_WORD+2) // in struct save_area

// 32 bytes between `at` and offset `n` of a1.
.macro each_word operation, at, n
    \operation t2, 0*RISCV_WORD+\n(\at)
    \operation t3, 1*RISCV_WORD+\n(\at)
    \operation t4, 2*RISCV_WORD+\n(\at)
    \operation t5, 3*RISCV_WORD+\n(\at)
#if RISCV_WORD == 4
    \operation t6, 4*RISCV_WORD+\n(\at)
    \operation a7, 5*RISCV_WORD+\n(\at)
    \operation a0, 6*RISCV_WORD+\n(\at)
    \operation a2, 7*RISCV_WORD+\n(\at)
#endif
.endm

// The chunk that link a5 leads to becomes t0, its own link t1, and a5 the link to the next.
.macro step
    slli    t0, a5, 4
    add     t1, a4, a5
    add     t0, a3, t0
    lhu     a5, 0(t1)
.endm

.macro take n
    step
    each_word LOAD, a1, \n
    each_word STORE, t0, 0
.endm

.macro give n
    step
    each_word LOAD, t0, 0
    each_word STORE, a1, \n
.endm

// a2 chunks: first those that make no round of four, then the rounds. a1 goes up to a6.
.macro all move
    andi    t0, a2, 3
    slli    a2, a2, 5
    slli    t0, t0, 5
    add     a6, a1, a2
    beqz    t0, 2f
    addi    sp, sp, -16
    add     t0, a1, t0
    STORE   t0, 0(sp)
1:  \move  0
    addi    a1, a1, 32
    LOAD    t0, 0(sp)
    bne     a1, t0, 1b
    addi    sp, sp, 16
    beq     a1, a6, 3f
2:  \move  0
    \move  32
    \move  64
    \move  96
    addi    a1, a1, 128
    bne     a1, a6, 2b
3:
.endm

// uint16_t save_area_take(struct save_area *a, const void *from, size_t n)           a0, a1, a2
    .section .text.save_area_take, "ax", @progbits
    .global save_area_take
    .type   save_area_take, @function
    .p2align 2
save_area_take:
    addi    sp, sp, -16
    LOAD    a3, 0(a0)               // chunks
    LOAD    a4, RISCV_WORD(a0)      // links
    lhu     a5, FREE(a0)
    STORE   a0, 0(sp)
    STORE   a5, RISCV_WORD(sp)
    all     take
    LOAD    a1, 0(sp)
    LOAD    a0, RISCV_WORD(sp)
    sh      a5, FREE(a1)
    addi    sp, sp, 16
    ret
    .size   save_area_take, . - save_area_take

// void save_area_give(struct save_area *a, uint16_t first, void *to, size_t n)      a0, a1, a2, a3
    .section .text.save_area_give, "ax", @progbits
    .global save_area_give
    .type   save_area_give, @function
    .p2align 2
save_area_give:
    addi    sp, sp, -16
    STORE   a0, 0(sp)
    STORE   a1, RISCV_WORD(sp)
    mv      a5, a1
    mv      a1, a2
    mv      a2, a3
    LOAD    a3, 0(a0)               // chunks
    LOAD    a4, RISCV_WORD(a0)      // links
    all     give
    LOAD    a0, 0(sp)
    LOAD    a1, RISCV_WORD(sp)
    lhu     a2, FREE(a0)
    sh      a1, FREE(a0)
    sh      a2, 0(t1)
    addi    sp, sp, 16
    ret
    .size   save_area_give, . - save_area_give

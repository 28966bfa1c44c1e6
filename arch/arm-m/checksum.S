// SPDX-License-Identifier: MIT
//
// uint16_t arch_checksum(const void *data, int size)        r0 = data, r1 = size
//
// A sum of words whose carry goes from addition to addition and comes back in at the end (RFC 1071,
// 2(C) and 2(E)), so nothing between them may touch it: LDM, TST, TEQ, EORS, MOVS of a constant and
// PUSH leave it alone. First 64 bytes a turn, then what the lowest six bits of the size say.
//
// r0 data, r1 size and later 64 less, r2 sum, r3 and r12 scratch.
    .syntax unified
    .thumb
    .text

#if defined(__ARM_ARCH_6M__)
#define PAIR r4, r5
#else
#define PAIR r3, r12
#endif

.macro add_words regs:vararg
    ldmia   r0!, {\regs}
    .irp    reg, \regs
    adcs    r2, r2, \reg
    .endr
.endm

.macro if_lacks bits, label     // goes there if the size has none of the bits
#if defined(__ARM_ARCH_6M__)
    movs    r3, #\bits
    tst     r1, r3
#else
    tst     r1, #\bits
#endif
    beq     \label
.endm

    .global arch_checksum
    .type   arch_checksum, %function
    .thumb_func
    .p2align 2
    .cfi_startproc
arch_checksum:
    movs    r2, #0
    lsls    r3, r0, #30
    bne     .Lunaligned
.Laligned:
#if defined(__ARM_ARCH_6M__)
    push    {r4-r7}
    .cfi_adjust_cfa_offset 16
    subs    r1, #64             // no carry if there are less
    blo     .Lrest
    lsrs    r3, r1, #6
    lsls    r3, r3, #6
    adds    r3, #64
    adds    r3, r3, r0          // end of the blocks; no carry either
    mov     r12, r3
.Lblock:
    .rept   4
    add_words r4, r5, r6, r7
    .endr
    mov     r3, r12
    eors    r3, r0
    bne     .Lblock
#else
    subs    r1, #64             // no carry if there are less
    blo     .Lrest
    push    {r4-r11}
    .cfi_adjust_cfa_offset 32
    bic     r3, r1, #63
    adds    r3, #64
    adds    r3, r3, r0          // end of the blocks; no carry either
.Lblock:
    .rept   2
    add_words r4, r5, r6, r7, r8, r9, r10, r11
    .endr
    teq     r0, r3
    bne     .Lblock
    pop     {r4-r11}
    .cfi_adjust_cfa_offset -32
#endif
.Lrest:
    if_lacks 32, 1f
    .rept   4
    add_words PAIR
    .endr
1:  if_lacks 16, 1f
    .rept   2
    add_words PAIR
    .endr
1:  if_lacks 8, 1f
    add_words PAIR
1:  if_lacks 4, 1f
    add_words r3
1:  if_lacks 3, .Lfold
    if_lacks 1, .Lhalf
    if_lacks 2, .Lbyte
    ldrb    r3, [r0, #2]
    adcs    r2, r2, r3
.Lhalf:
    ldrh    r3, [r0]
    adcs    r2, r2, r3
    b       .Lfold
.Lbyte:
    ldrb    r3, [r0]            // the lower half of a 16-bit word whose upper half is none
    adcs    r2, r2, r3
.Lfold:
#if defined(__ARM_ARCH_6M__)
    movs    r3, #0
    adcs    r2, r2, r3
    movs    r3, #16
    movs    r0, r2
    rors    r0, r3
    adds    r0, r0, r2
    pop     {r4-r7}
    .cfi_adjust_cfa_offset -16
#else
    adc     r2, r2, #0          // never carries: with a carry the sum is 0xFFFFFFFE at most
    add     r0, r2, r2, ror #16 // the upper half: both halves, and the carry of the lower
#endif
    lsrs    r0, r0, #16
    bx      lr

.Lunaligned:
    lsls    r3, r0, #31         // C: not at a word. N: at an odd byte
    bpl     .Leven
    cmp     r1, #0
    beq     .Lnothing
    push    {r3, lr}            // r3 for alignment
    .cfi_adjust_cfa_offset 8
    .cfi_rel_offset lr, 4
    ldrb    r2, [r0]
    adds    r0, #1
    subs    r1, #1
    lsls    r2, r2, #8
    bl      .Lmaybe_even        // with all bytes of words swapped
    rev16   r0, r0
    pop     {r3, pc}
    .cfi_adjust_cfa_offset -8
    .cfi_restore lr
.Lmaybe_even:
    lsls    r3, r0, #31
.Leven:
    bcc     .Laligned
    cmp     r1, #2
    blo     .Laligned           // a byte at most, which .Lbyte takes from anywhere
    ldrh    r3, [r0]
    adds    r0, #2
    subs    r1, #2
    adds    r2, r2, r3
    b       .Laligned
.Lnothing:
    movs    r0, #0
    bx      lr
    .cfi_endproc
    .size   arch_checksum, . - arch_checksum

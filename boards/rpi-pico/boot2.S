// SPDX-License-Identifier: MIT
//
// The RP2040's second stage (data sheet 2.8.1.3.1). The boot ROM reads the first 256 bytes of the
// flash into RAM, checks the CRC at their end, which tools/rp2040-boot2 puts there, and calls them.
// They make the flash readable as memory, and start the program behind them.
//
//      0   code, position independent
//    252   CRC-32 of the above
//    256   the program's vector table
//
// The flash is read with command 03h, one bit wide, up to 50 MHz (W25Q16JV data sheet, "Read
// Data"): slower than four bits, but every flash knows it, and it leaves no mode behind that a
// reset must undo.
#define SSI            0x18000000 // data sheet 4.10.13
#define SSI_CTRLR0     0x00
#define SSI_CTRLR1     0x04
#define SSI_SSIENR     0x08
#define SSI_BAUDR      0x14
#define SSI_SPI_CTRLR0 0xF4

#define CLOCK_DIVIDER  4                              // 125 MHz / 4
#define CTRLR0         (31 << 16 | 3 << 8)            // frames of 32 bits; send, then receive
#define SPI_CTRLR0     (0x03 << 24 | 2 << 8 | 6 << 2) // command 03h, of 8 bits; 24 bits of address

#define PROGRAM 0x10000100
#define VTOR    0xE000ED08

    .syntax unified
    .thumb
    .section .boot2, "ax"
boot2:
    ldr     r3, =SSI
    movs    r0, #0
    str     r0, [r3, #SSI_SSIENR]   // off, to be configured
    movs    r1, #CLOCK_DIVIDER
    str     r1, [r3, #SSI_BAUDR]
    ldr     r1, =CTRLR0
    str     r1, [r3, #SSI_CTRLR0]
    str     r0, [r3, #SSI_CTRLR1]   // one frame per access
    ldr     r1, =SPI_CTRLR0
    ldr     r2, =SSI + SSI_SPI_CTRLR0
    str     r1, [r2]
    movs    r1, #1
    str     r1, [r3, #SSI_SSIENR]

    mov     r0, lr                  // 0 from the boot ROM; else whoever wrote to the flash called a
    cmp     r0, #0                  // copy in RAM, and wants to go on
    beq     1f
    bx      lr
1:
    ldr     r0, =PROGRAM
    ldr     r1, =VTOR
    str     r0, [r1]
    ldmia   r0!, {r1, r2}
    msr     msp, r1
    bx      r2
    .ltorg
    .org    252
    .word   0                       // CRC

// SPDX-License-Identifier: MIT
//
// How a RISC-V machine ends: through semihosting (RISC-V semihosting specification 0.4, which takes
// ARM's calls), and back to the start.
#include "arch/riscv/platform.h"
#include "kernel/arch.h"

_Noreturn void _start(void);

// The three instructions are the call's signature, uncompressed and in one page. Without a debugger
// the ebreak traps, and is reported as a breakpoint.
static intptr_t semihosting(intptr_t operation, const void *block)
{
    register intptr_t a0 __asm__("a0") = operation;
    register const void *a1 __asm__("a1") = block;

    __asm__ volatile(".option push\n\t"
                     ".option norvc\n\t"
                     ".balign 16\n\t"
                     "slli x0, x0, 0x1f\n\t"
                     "ebreak\n\t"
                     "srai x0, x0, 7\n\t"
                     ".option pop"
                     : "+r"(a0)
                     : "r"(a1)
                     : "memory");
    return a0;
}

void arch_exit(int code)
{
    const uintptr_t block[2] = { 0x20026, (uintptr_t)code };

    arch_irq_save();
    semihosting(0x20, block); // SYS_EXIT_EXTENDED
    for (;;) {
        __asm__ volatile("wfi");
    }
}

// Nothing in the architecture resets a machine, so this is a restart by software: interrupts off,
// no protection, and off to the first instruction. A board with a reset register does better in
// platform_reset().
void __attribute__((weak)) platform_reset(void)
{
}

void arch_reset(void)
{
    arch_irq_save();
    platform_reset();
    csr_write(mie, 0);
    csr_write(pmpcfg0, 0);
    csr_clear(mstatus, (uintptr_t)1 << 17); // MPRV
    _start();
}

// SPDX-License-Identifier: MIT
//
// From reset to the scheduler, interrupts by cause, and the rest of the port.
#include <string.h>

#include "arch/riscv/platform.h"
#include "kernel/arch.h"
#include "kernel/contain.h"
#include "kernel/panic.h"
#include "kernel/tasklet.h"

void board_init(void);
void arch_trap(void);
void arch_interrupt(uintptr_t mcause);
_Noreturn void _start(void);

// From the linker script.
extern char __data_load[], __data_start[], __data_end[], __bss_start[], __bss_end[];
extern char __exc_stack_base[], __exc_stack_top[], __poll_stack_base[], __poll_stack_top[];
extern char __kernel_text_start[], __kernel_text_end[];
extern char __image_start[], __image_end[], __main_base[], __main_end[], __ram_start[],
    __heap_end[];

volatile uint32_t arch_trap_depth;

enum { MSTATUS_MPP = 3 << 11, MSTATUS_MPRV = 1 << 17, MSTATUS_FS_INITIAL = 1 << 13 };

static void board_and_interrupts(void)
{
    board_init();
    csr_set(mstatus, MSTATUS_MIE);
}

__attribute__((used)) static _Noreturn void start(void)
{
    if (&__data_start[0] != &__data_load[0]) {
        memcpy(__data_start, __data_load, (size_t)(__data_end - __data_start));
    }
    memset(__bss_start, 0, (size_t)(__bss_end - __bss_start));
    arch_init();
    kernel_run(board_and_interrupts);
    arch_exit(0);
}

// All harts but the first sleep for ever. The global pointer must not be relaxed into itself.
__attribute__((naked, used, section(".init"))) void _start(void)
{
    __asm__ volatile(".option push\n\t"
                     ".option norelax\n\t"
                     "la gp, __global_pointer$\n\t"
                     ".option pop\n\t"
                     "la tp, __tls_base\n\t"
                     "csrw mie, zero\n\t"
                     "csrci mstatus, 8\n\t"
                     "csrr t0, mhartid\n\t"
                     "1: bnez t0, 2f\n\t"
                     "la sp, __poll_stack_top\n\t"
                     "la t0, __exc_stack_top\n\t"
                     "csrw mscratch, t0\n\t"
                     "la t0, arch_trap\n\t"
                     "csrw mtvec, t0\n\t"
                     "j start\n\t"
                     "2: wfi\n\t"
                     "j 2b");
}

void arch_init(void)
{
#if RISCV_FLEN
    csr_set(mstatus, MSTATUS_FS_INITIAL);
    __asm__ volatile("fscsr zero");
    csr_clear(mstatus, 3 << 13);
    csr_set(mstatus, MSTATUS_FS_INITIAL);
#endif
#if CONFIG_GUARD
    // See RISCV_GUARD_CONFIG. Until the first switch the guard is the scheduler's stack's.
    csr_write(pmpaddr0, (uintptr_t)__poll_stack_base >> 2 | (ARCH_GUARD_SIZE / 8 - 1));
    csr_write(pmpaddr1, (uintptr_t)__ram_start >> 2);
    csr_write(pmpaddr2, (uintptr_t)__heap_end >> 2);
    csr_write(pmpaddr3, ~(uintptr_t)0 >> (__riscv_xlen == 64 ? 10 : 0));
    csr_write(pmpcfg0, RISCV_GUARD_CONFIG);
    csr_clear(mstatus, MSTATUS_MPP);
    csr_set(mstatus, MSTATUS_MPRV);
#endif
}

// mcause has its highest bit set; below it stands the number of the interrupt.
void arch_interrupt(uintptr_t mcause)
{
    switch (mcause & 0xFF) {
    case 3:
        platform_software_interrupt();
        break;
    case 7:
        platform_timer_interrupt();
        break;
    case 11:
        platform_external_interrupt();
        break;
    default:
        panic("an interrupt without a handler");
    }
}

void *arch_main_memory(size_t *size)
{
    *size = (size_t)(__main_end - __main_base);
    return __main_base;
}

void arch_memory(size_t *used, size_t *left)
{
    *used = (size_t)((char *)__bss_end - (char *)__exc_stack_base);
    *left = (size_t)(__heap_end - (char *)__bss_end);
}

bool arch_is_image(const void *text)
{
    return (const char *)text >= __image_start && (const char *)text < __image_end;
}

bool arch_is_kernel(uintptr_t pc)
{
    return pc >= (uintptr_t)__kernel_text_start && pc < (uintptr_t)__kernel_text_end;
}

bool arch_is_ram(const void *address)
{
    return (const char *)address >= (char *)__exc_stack_base && (const char *)address < __heap_end;
}

// A return address stands behind a JAL or JALR that links to ra, of four bytes or (JALR) of two.
bool arch_is_return_address(uintptr_t address)
{
    const char *target = (const char *)address;

    if ((address & 1) != 0 || !arch_is_image(target - 4) || !arch_is_image(target)) {
        return false;
    }
    const uint16_t *code = (const uint16_t *)(const void *)target;
    uint32_t word = code[-2] | (uint32_t)code[-1] << 16;
    bool jal = (word & 0xFFF) == 0x0EF, jalr = (word & 0x7FFF) == 0x00E7;

    // c.jalr rs1; c.jal (RV32 only)
    bool short_call = (code[-1] & 0xF07F) == 0x9002 && (code[-1] & 0x0F80) != 0;

    return jal || jalr || short_call || (__riscv_xlen == 32 && (code[-1] & 0xE003) == 0x2001);
}

uintptr_t arch_stack_end(uintptr_t sp)
{
    if (sp >= (uintptr_t)__exc_stack_base && sp < (uintptr_t)__exc_stack_top) {
        return (uintptr_t)__exc_stack_top;
    }
    if (sp >= (uintptr_t)__poll_stack_base && sp < (uintptr_t)__poll_stack_top) {
        return (uintptr_t)__poll_stack_top;
    }
    return sp;
}

// SPDX-License-Identifier: MIT
//
// From reset to the scheduler, the vector table, and the rest of the port.
//
// RAM, from its start (linker/arm-m.ld): exception stack, scheduler's stack, the crash record,
// data, bss, heap. The exception stack is lowest, so that it overflows into nothing.
#include <string.h>

#include "kernel/arch.h"
#include "kernel/contain.h"
#include "kernel/panic.h"
#include "kernel/tasklet.h"

void board_init(void);

void arch_fault(void);
void arch_unexpected(void);
_Noreturn void reset_handler(void);

// From the linker script.
extern uint32_t __data_load[], __data_start[], __data_end[], __bss_start[], __bss_end[];
extern uint32_t __exc_stack_base[], __exc_stack_top[], __poll_stack_base[], __poll_stack_top[];
extern char __kernel_text_start[], __kernel_text_end[];
extern char __image_start[], __image_end[], __main_base[], __main_end[], __heap_end[];

// The processor's own part of the vector table; the board's interrupts follow in the image. A board
// whose clock is SysTick defines systick_handler(), a program may define software_interrupt(), which
// is PendSV. For those that nobody has asked for there is arch_unexpected() in fault.c.
void systick_handler(void);

void arch_trigger(void)
{
    ARM_ICSR = 1u << 28; // PENDSVSET
    __asm__ volatile("dsb\n\tisb" ::: "memory");
}

__attribute__((section(".vectors"), used)) static const uintptr_t vectors[16] = {
    (uintptr_t)__exc_stack_top,
    (uintptr_t)reset_handler,
    (uintptr_t)arch_unexpected, // NMI
    (uintptr_t)arch_fault,      // HardFault
    (uintptr_t)arch_fault,      // MemManage
    (uintptr_t)arch_fault,      // BusFault
    (uintptr_t)arch_fault,      // UsageFault
    (uintptr_t)arch_fault,      // SecureFault (Armv8-M)
    0,
    0,
    0,
    (uintptr_t)arch_unexpected, // SVCall
    (uintptr_t)arch_unexpected, // DebugMonitor
    0,
    (uintptr_t)software_interrupt,
    (uintptr_t)systick_handler,
};

// Armv8.1-M and a debugger's reset do not promise a state: everything is set here.
__attribute__((used)) static _Noreturn void start(void)
{
    memcpy(__data_start, __data_load, (size_t)((char *)__data_end - (char *)__data_start));
    memset(__bss_start, 0, (size_t)((char *)__bss_end - (char *)__bss_start));
    ARM_VTOR = (uint32_t)vectors; // reads as zero on processors without it
    arch_init();
    kernel_run(board_init);
    __builtin_unreachable(); // the scheduler's loop has no end
}

// Thread mode on the process stack from here on; the main stack is the exceptions' alone.
__attribute__((naked, used)) _Noreturn void reset_handler(void)
{
    __asm__ volatile("cpsie i\n\t"
                     "ldr r0, =__exc_stack_top\n\t"
                     "msr msp, r0\n\t"
                     "ldr r0, =__poll_stack_top\n\t"
                     "msr psp, r0\n\t"
                     "movs r0, #2\n\t"
                     "msr control, r0\n\t"
                     "isb\n\t"
                     "b start\n\t"
                     ".ltorg");
}

#if CONFIG_GUARD && (ARM_HAS_MPU_V7 || ARM_HAS_MPU_V8)
enum { NULL_GUARD = 256 };
__asm__(".global __null_guard\n\t.set __null_guard, 256"); // the linker puts no code there
#endif

#if CONFIG_GUARD && ARM_HAS_MPU_V7
static void region(uint32_t number, uint32_t base, uint32_t size, uint32_t attributes)
{
    const uint32_t log2_size = 31 - (uint32_t)__builtin_clz(size);

    ARM_MPU_RBAR = base | ARM_REGION_VALID | number;
    ARM_MPU_RASR = attributes | (log2_size - 1) << 1 | 1u;
}

// RAM is not for execution, and nothing is at address 0 (the hardware itself reads its vectors without MPU).
// Until the first switch the guard is the scheduler's own stack's.
static void forbid(void)
{
    enum { NO_EXECUTION = 1 << 28, ALL_ACCESS = 3 << 24, NORMAL_MEMORY = 1 << 19 | 3 << 16 };

    region(ARM_REGION_RAM, 0x20000000, 0x20000000, NO_EXECUTION | ALL_ACCESS | NORMAL_MEMORY);
    region(ARM_REGION_NULL, 0, NULL_GUARD, NO_EXECUTION);
    region(ARM_REGION_GUARD, (uint32_t)__poll_stack_base, ARCH_GUARD_SIZE, NO_EXECUTION);
    ARM_MPU_CTRL = ARM_MPU_ON;
    __asm__ volatile("dsb\n\tisb");
}
#elif CONFIG_GUARD && ARM_HAS_MPU_V8
static void region(uint32_t number, uint32_t base, uint32_t last, uint32_t attributes)
{
    ARM_MPU_RNR = number;
    ARM_MPU_RBAR = base | (attributes & 0x1F);
    ARM_MPU_RLAR = (last & ~UINT32_C(31)) | (attributes >> 8 & 0xE) | 1u;
}

// The architecture's own map (DDI0553, B8.1) as regions, so that RAM is not for execution, code not written
// to, and nothing is at address 0.
static void forbid(void)
{
    enum {
        NO_EXECUTION = 1,
        ALL_ACCESS = 1 << 1,
        READ_ONLY = 3 << 1,
        DEVICE = 1 << 9, // the second byte of MAIR
        MEMORY = NO_EXECUTION | ALL_ACCESS
    };

    ARM_MPU_MAIR0 = 0x04FF; // normal memory, write-back; device memory, nGnRE
    region(0, NULL_GUARD, 0x1FFFFFFF, READ_ONLY);
    region(1, 0x20000000, 0x3FFFFFFF, MEMORY);
    region(2, 0x40000000, 0x5FFFFFFF, MEMORY | DEVICE);
    region(3, 0x60000000, 0x9FFFFFFF, MEMORY);
    region(4, 0xA0000000, 0xDFFFFFFF, MEMORY | DEVICE);
    ARM_MPU_CTRL = ARM_MPU_ON;
    __asm__ volatile("dsb\n\tisb");
}
#else
static void forbid(void)
{
}
#endif

void arch_init(void)
{
#if !defined(__ARM_ARCH_6M__)
    ARM_SHCSR |= 7u << 16; // MemManage, BusFault, UsageFault have handlers of their own
#endif
#if ARM_HAS_FPU
    ARM_CPACR |= 0xFu << 20;
    __asm__ volatile("dsb\n\tisb");
#endif
#if ARM_HAS_PSPLIM
    __asm__ volatile("msr psplim, %0\n\tmsr msplim, %1" ::"r"(__poll_stack_base),
                     "r"(__exc_stack_base));
#endif
    forbid();
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

void arch_reset(void)
{
    __asm__ volatile("dsb");
    ARM_AIRCR = 0x05FA0004; // VECTKEY, SYSRESETREQ
    for (;;) {
    }
}

// Semihosting (ARM IHI0037): SYS_EXIT_EXTENDED, which every emulator here and every debugger knows.
void arch_exit(int code)
{
    const uint32_t block[2] = { 0x20026, (uint32_t)code };
    register uint32_t operation __asm__("r0") = 0x20;
    register const uint32_t *argument __asm__("r1") = block;

#if !defined(__ARM_ARCH_6M__)
    ARM_MPU_CTRL =
        0; // QEMU does not read the block if the guard lies at the start of its 1 KB page
#endif
    __asm__ volatile("bkpt 0xAB" : "+r"(operation) : "r"(argument) : "memory");
    arch_irq_save();
    for (;;) {
        __asm__ volatile("wfi");
    }
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

// A return address has its Thumb bit set and stands behind a BL (two halfwords) or a BLX (one).
bool arch_is_return_address(uintptr_t address)
{
    const char *target = (const char *)(address & ~(uintptr_t)1);
    const uint16_t *code = (const uint16_t *)(const void *)target;

    if ((address & 1) == 0 || !arch_is_image(target - 4) || !arch_is_image(target)) {
        return false;
    }
    return ((code[-2] & 0xF800) == 0xF000 && (code[-1] & 0xD000) == 0xD000) ||
           (code[-1] & 0xFF87) == 0x4780;
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

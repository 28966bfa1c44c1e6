// SPDX-License-Identifier: MIT
//
// Faults in brief (`make REPORT=brief`): where. An exception that nobody has asked for is one, too.
#include "kernel/arch.h"
#include "kernel/panic.h"

void arch_unexpected(void);
void systick_handler(void);
uint32_t fault_report(const uint32_t *frame);

void __attribute__((naked)) arch_unexpected(void)
{
    __asm__("ldr r0, =arch_fault\n\tbx r0\n\t.ltorg"); // Armv6-M has no long branch
}

void software_interrupt(void) __attribute__((weak, alias("arch_unexpected")));
void systick_handler(void) __attribute__((weak, alias("arch_unexpected")));

uint32_t fault_report(const uint32_t *frame)
{
#if !defined(__ARM_ARCH_6M__)
    ARM_MPU_CTRL = 0;
#endif
    panic_record.why = "fault";
    panic_record.sp = frame[6]; // pc
    panic_finish(&panic_record, PANIC_TASKLET);
}

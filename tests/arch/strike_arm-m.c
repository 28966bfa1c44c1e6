// SPDX-License-Identifier: MIT
//
// The strike of the interrupt sweep on Cortex-M: SysTick, once, so many ticks ahead.
#include "tests/arch/strike.h"

#include "kernel/arch.h"

#define SYST_CSR  (*(volatile uint32_t *)0xE000E010)
#define SYST_RVR  (*(volatile uint32_t *)0xE000E014)
#define SYST_CVR  (*(volatile uint32_t *)0xE000E018)
#define ARM_SHPR3 (*(volatile uint32_t *)0xE000ED20)

enum { RUN = 1, INTERRUPT = 2, CORE_CLOCK = 4, PENDSTCLR = 1 << 25 };

void systick_handler(void);
void strike_handler(uintptr_t pc);

// PendSV becomes the least urgent, so that the strike may come into its handler.
void strike_init(void)
{
    ARM_SHPR3 |= 0x00FF0000;
}

void strike_arm(uint32_t ticks)
{
    SYST_CSR = 0;
    SYST_RVR = ticks;
    SYST_CVR = 0;
    SYST_CSR = RUN | INTERRUPT | CORE_CLOCK;
}

void strike_disarm(void)
{
    SYST_CSR = 0;
}

__attribute__((used)) void strike_handler(uintptr_t pc)
{
    SYST_CSR = 0;
    ARM_ICSR = PENDSTCLR; // a short period has ended more than once by now
    strike_hit(pc);
}

// The frame lies on the stack that EXC_RETURN says; its seventh word is the return address.
__attribute__((naked)) void systick_handler(void)
{
    __asm__ volatile("tst lr, #4\n\t"
                     "ite eq\n\t"
                     "mrseq r0, msp\n\t"
                     "mrsne r0, psp\n\t"
                     "ldr r0, [r0, #24]\n\t"
                     "b strike_handler");
}

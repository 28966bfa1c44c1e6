// SPDX-License-Identifier: MIT
//
// The Cortex-M's nested vectored interrupt controller (DDI0403 B3.4, DDI0419 B3.4).
#include <stdint.h>

#include "drivers/irq/irq.h"

#define NVIC_ISER(n) (*(volatile uint32_t *)(0xE000E100 + 4 * (n)))
#define NVIC_ICER(n) (*(volatile uint32_t *)(0xE000E180 + 4 * (n)))
#define NVIC_ISPR(n) (*(volatile uint32_t *)(0xE000E200 + 4 * (n)))
#define NVIC_IPR(n)  (*(volatile uint32_t *)(0xE000E400 + 4 * (n)))

// Two priority bits are implemented on every part: the upper two of each byte, 0 the most urgent.
// Armv6-M knows word accesses only.
static void set_priority(unsigned line, enum irq_urgency urgency)
{
    unsigned shift = line % 4 * 8;
    uint32_t value = (uint32_t)(IRQ_HIGH + 1 - urgency) << 6; // low 0xC0, normal 0x80, high 0x40

    NVIC_IPR(line / 4) = (NVIC_IPR(line / 4) & ~(UINT32_C(0xFF) << shift)) | value << shift;
}

void irq_enable(unsigned line, enum irq_urgency urgency)
{
    set_priority(line, urgency);
    NVIC_ISER(line / 32) = UINT32_C(1) << line % 32;
}

void irq_disable(unsigned line)
{
    NVIC_ICER(line / 32) = UINT32_C(1) << line % 32;
    __asm__ volatile("dsb\n\tisb" ::: "memory");
}

int irq_trigger(unsigned line)
{
    NVIC_ISPR(line / 32) = UINT32_C(1) << line % 32;
    return 0;
}

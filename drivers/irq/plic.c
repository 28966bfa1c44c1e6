// SPDX-License-Identifier: MIT
#include "drivers/irq/plic.h"

#include "arch/riscv/platform.h"
#include "drivers/irq/irq.h"
#include "kernel/arch.h"

enum { ENABLE = 0x2000, THRESHOLD = 0x200000, CLAIM = 0x200004, MIE_MEIE = 1 << 11 };

static volatile uint32_t *word(uintptr_t offset)
{
    return (volatile uint32_t *)(plic_base + offset);
}

void irq_enable(unsigned line, enum irq_urgency urgency)
{
    *word(4 * line) = (uint32_t)urgency + 1;
    *word(ENABLE + line / 32 * 4) |= UINT32_C(1) << line % 32;
}

void irq_disable(unsigned line)
{
    *word(ENABLE + line / 32 * 4) &= ~(UINT32_C(1) << line % 32);
}

int irq_trigger(unsigned line)
{
    (void)line;
    return -1;
}

// Claims until nothing is pending; the most urgent comes first.
void platform_external_interrupt(void)
{
    uint32_t line;

    while ((line = *word(CLAIM)) != 0) {
        if (line < board_irq_count && board_irqs[line] != 0) {
            board_irqs[line]();
        } else {
            irq_disable(line);
        }
        *word(CLAIM) = line;
    }
}

void plic_init(void)
{
    // A panic in a handler has left its claim open; until it is completed the line stays dead.
    for (uint32_t line = 1; line < board_irq_count; line++) {
        *word(CLAIM) = line;
    }
    *word(THRESHOLD) = 0;
    csr_set(mie, MIE_MEIE);
}

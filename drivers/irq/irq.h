// SPDX-License-Identifier: MIT
//
// Interrupt lines, the same on every controller. Handlers are not installed at run time: the board
// has a constant table of them, IRQ_TABLE, indexed by line. On Cortex-M that table is the vector
// table itself, so no dispatcher stands between the device and its handler.
//
//     IRQ_TABLE = { [0] = uart0_handler, [8] = tick_handler };
#pragma once

typedef void (*irq_handler)(void);

#if defined(__arm__)
#define IRQ_TABLE __attribute__((section(".vectors_irq"), used)) const irq_handler board_irqs[]
#else
#define IRQ_TABLE const irq_handler board_irqs[]
#endif
extern const irq_handler board_irqs[];

// Interrupts of a higher urgency preempt handlers of a lower one where the hardware can (Cortex-M).
enum irq_urgency { IRQ_LOW, IRQ_NORMAL, IRQ_HIGH };

// Enables the line with the given urgency. Contexts: boot, tasklet, poll.
void irq_enable(unsigned line, enum irq_urgency urgency);

// Disables the line. Any context.
void irq_disable(unsigned line);

// Makes the line pending, as if its device had asked. Any context. On controllers that cannot, does
// nothing and returns -1.
int irq_trigger(unsigned line);

// SPDX-License-Identifier: MIT
//
// What RISC-V leaves to the platform: who serves the three machine interrupts, and how the machine
// ends. Drivers (CLINT, PLIC) and boards define these.
#pragma once

void platform_timer_interrupt(void);    // drivers/clock/clint.c
void platform_software_interrupt(void); // drivers/clock/clint.c, which also has arch_trigger()
void platform_external_interrupt(void); // drivers/irq/plic.c
void platform_reset(void);              // boards that have a reset register; may return

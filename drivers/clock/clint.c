// SPDX-License-Identifier: MIT
#include "drivers/clock/clint.h"

#include "arch/riscv/platform.h"
#include "kernel/arch.h"
#include "kernel/panic.h"
#include "kernel/time.h"

enum { MSIP = 0, MTIMECMP = 0x4000, MTIME = 0xBFF8, MIE_MSIE = 1 << 3, MIE_MTIE = 1 << 7 };

static volatile uint32_t *word(uintptr_t offset)
{
    return (volatile uint32_t *)(clint_base + offset);
}

uint32_t clock_read(void)
{
    return *word(MTIME);
}

// All 64 bits, whichever half moved in between.
static uint64_t mtime(void)
{
    uint32_t high, low;

    do {
        high = *word(MTIME + 4);
        low = *word(MTIME);
    } while (high != *word(MTIME + 4));
    return (uint64_t)high << 32 | low;
}

// The comparison is >=, so a time that has passed already interrupts at once. The upper half is set
// to the end of time in between, so that no half-written value does.
static void compare(uint64_t when)
{
    *word(MTIMECMP + 4) = UINT32_MAX;
    *word(MTIMECMP) = (uint32_t)when;
    *word(MTIMECMP + 4) = (uint32_t)(when >> 32);
}

void clock_alarm(uint32_t when)
{
    uint64_t now = mtime();

    compare(now + (uint64_t)(int64_t)(int32_t)(when - (uint32_t)now));
}

void platform_timer_interrupt(void)
{
    compare(UINT64_MAX);
    time_alarm();
}

void __attribute__((weak)) software_interrupt(void)
{
    panic("a software interrupt without a handler");
}

void platform_software_interrupt(void)
{
    *word(MSIP) = 0;
    software_interrupt();
}

void arch_trigger(void)
{
    *word(MSIP) = 1;
}

void clock_clint_init(void)
{
    compare(UINT64_MAX);
    csr_set(mie, MIE_MTIE | MIE_MSIE);
}

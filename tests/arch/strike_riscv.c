// SPDX-License-Identifier: MIT
//
// The linker puts these functions before the clock driver's, so that the comparator always has the
// earlier of the two: the strike, or the kernel's alarm.
#include "tests/arch/strike.h"

#include "drivers/clock/clint.h"
#include "kernel/arch.h"
#include "kernel/time.h"

void __wrap_clock_alarm(uint32_t when);
void __wrap_platform_timer_interrupt(void);

enum { MTIMECMP = 0x4000, MTIME = 0xBFF8 };

// Touched with interrupts masked only.
static uint64_t strike_at = UINT64_MAX, alarm_at = UINT64_MAX;

static volatile uint32_t *word(uintptr_t offset)
{
    return (volatile uint32_t *)(clint_base + offset);
}

static uint64_t mtime(void)
{
    uint32_t high, low;

    do {
        high = *word(MTIME + 4);
        low = *word(MTIME);
    } while (high != *word(MTIME + 4));
    return (uint64_t)high << 32 | low;
}

static void compare(void)
{
    uint64_t when = strike_at < alarm_at ? strike_at : alarm_at;

    *word(MTIMECMP + 4) = UINT32_MAX;
    *word(MTIMECMP) = (uint32_t)when;
    *word(MTIMECMP + 4) = (uint32_t)(when >> 32);
}

void strike_init(void)
{
}

static void strike_when(uint64_t when)
{
    uintptr_t state = arch_irq_save();

    strike_at = when;
    compare();
    arch_irq_restore(state);
}

void strike_arm(uint32_t ticks)
{
    strike_when(mtime() + ticks);
}

void strike_disarm(void)
{
    strike_when(UINT64_MAX);
}

void __wrap_clock_alarm(uint32_t when)
{
    uintptr_t state = arch_irq_save();
    uint64_t now = mtime();

    alarm_at = now + (uint64_t)(int64_t)(int32_t)(when - (uint32_t)now);
    compare();
    arch_irq_restore(state);
}

void __wrap_platform_timer_interrupt(void)
{
    uint64_t now = mtime();

    if (strike_at <= now) {
        strike_at = UINT64_MAX;
        strike_hit(csr_read(mepc));
    }
    if (alarm_at <= now) {
        alarm_at = UINT64_MAX;
        time_alarm();
    }
    compare();
}

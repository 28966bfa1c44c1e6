// SPDX-License-Identifier: MIT
#include "drivers/clock/systick.h"

#include "kernel/arch.h"
#include "kernel/time.h"

struct registers {
    volatile uint32_t control; // reading clears WRAPPED
    volatile uint32_t reload;  // what follows upon 0; a period is one tick longer
    volatile uint32_t counter; // counts down; writing anything makes it 0
};

#define SYSTICK   ((struct registers *)0xE000E010)
#define ARM_SHPR3 (*(volatile uint32_t *)0xE000ED20)

enum {
    RUN = 1 << 0,
    INTERRUPT = 1 << 1,
    CORE_CLOCK = 1 << 2,
    WRAPPED = 1 << 16, // the counter has come to 0 since the last look
    PENDSTSET = 1 << 26,
    PERIOD = 1 << 24,
    // An alarm nearer than this goes off at once, and the kernel sets it again: it spins for a few
    // microseconds, and the counter does not come to 0 while restart() works at it.
    NEAR = 256,
    RESTART_TICKS = 4, // from reading the counter in load() to its first tick after
};

// Touched with interrupts masked only.
static struct {
    uint32_t zero_at; // the time at which the counter comes to 0: now is zero_at - counter
    uint32_t alarm_at;
    bool alarm_set;
} clock;

// The ticks till zero_at. The order matters: a wrap between the two looks shows in the flag. The
// tick at 0 still belongs to the old period.
static uint32_t remaining(void)
{
    uint32_t left = SYSTICK->counter;

    if (SYSTICK->control & WRAPPED) {
        clock.zero_at += PERIOD;
        left = SYSTICK->counter;
        left = left != 0 ? left : PERIOD;
    }
    return left;
}

// One period of `ticks`, then whole ones again. Returns where the counter stood.
static uint32_t __attribute__((noinline)) load(uint32_t ticks)
{
    uint32_t counter;

    SYSTICK->reload = ticks;
    __asm__ volatile("ldr %0, [%1]\n\tstr %0, [%1]" // always as far apart: RESTART_TICKS
                     : "=&l"(counter)
                     : "l"(&SYSTICK->counter)
                     : "memory");
    while (SYSTICK->counter == 0) {
    }
    SYSTICK->reload = PERIOD - 1;
    return counter;
}

// Makes the period end in `ticks` from now, which is before its time; `left` was remaining().
//
// An emulator or a debugger may have the processor stand still in here, but not the counter. If it
// comes to 0 before it is loaded, the difference of the two readings still is the time in between;
// if after that, and perhaps several times, the rest of the pause is lost to the clock.
static void restart(uint32_t left, uint32_t ticks)
{
    uint32_t counter = load(ticks);

    clock.zero_at += ((left - counter) & (PERIOD - 1)) - left + RESTART_TICKS + ticks;
    if (SYSTICK->control & WRAPPED) {
        load(PERIOD - 1);
        clock.zero_at += PERIOD;
        ARM_ICSR = PENDSTSET;
    }
}

uint32_t clock_read(void)
{
    uintptr_t state = arch_irq_save();
    uint32_t left = remaining(), now = clock.zero_at - left;

    arch_irq_restore(state);
    return now;
}

// Is the alarm due? If not, sees to it that the handler comes when it is: at the end of a shorter
// period, or of this one, where it calls here again.
static bool due(void)
{
    uint32_t left = remaining(), ahead = clock.alarm_at - (clock.zero_at - left);

    if ((int32_t)ahead < NEAR) {
        return true;
    }
    if (ahead < left) {
        restart(left, ahead);
    }
    return false;
}

void clock_alarm(uint32_t when)
{
    uintptr_t state = arch_irq_save();

    clock.alarm_at = when;
    clock.alarm_set = true;
    if (due()) {
        ARM_ICSR = PENDSTSET;
    }
    arch_irq_restore(state);
}

void systick_handler(void)
{
    uintptr_t state = arch_irq_save();

    if (due() && clock.alarm_set) {
        clock.alarm_set = false;
        time_alarm();
    }
    arch_irq_restore(state);
}

void clock_systick_init(void)
{
    ARM_SHPR3 = (ARM_SHPR3 & 0x00FFFFFF) | 0x80000000;
    SYSTICK->control = 0;
    SYSTICK->reload = PERIOD - 1;
    SYSTICK->counter = 0;
    SYSTICK->control = RUN | INTERRUPT | CORE_CLOCK;
    while (SYSTICK->counter == 0) {
    }
    clock.zero_at = PERIOD - 1;
}

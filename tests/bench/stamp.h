// SPDX-License-Identifier: MIT
//
// A count of executed instructions, exact under QEMU's -icount.
//
// Cortex-M on the MPS2 boards: shift=10 makes an instruction 1,024 ns, which a CMSDK timer at TICK_HZ counts
// as 25.6 ticks (25 MHz) or 20.48 (20 MHz); it counts down. RISC-V: the instret counter, with shift=0.
#pragma once

#include <stdint.h>

#include "kernel/time.h"

#if defined(__riscv)
enum { INSTRUCTION_NS = 1 };

static inline uint32_t stamp(void)
{
    uintptr_t n;

    __asm__ volatile("csrr %0, minstret" : "=r"(n)::"memory");
    return (uint32_t)n;
}

static inline uint32_t instructions(uint32_t from, uint32_t to)
{
    return to - from;
}
#elif defined(__arm__)
enum { INSTRUCTION_NS = 1024 };

// The value register of the timer that clock_read() reads: an address that a load reaches in one.
#define STAMP_TIMER ((volatile uint32_t *)(TICK_HZ == 20000000 ? 0x50000004 : 0x40000004))

static inline uint32_t stamp(void)
{
    __asm__ volatile("" ::: "memory");
    uint32_t value = *STAMP_TIMER;

    __asm__ volatile("" ::: "memory");
    return value;
}

static inline uint32_t instructions(uint32_t from, uint32_t to)
{
    const uint32_t per_1024 =
        TICK_HZ / 1000 * 1024 / 1000 * 1024 / 1000; // ticks in 1,024 instructions

    return (uint32_t)(((uint64_t)(from - to) * 1024 + per_1024 / 2) / per_1024);
}
#else
enum { INSTRUCTION_NS = 1 };

static inline uint32_t stamp(void)
{
    return clock_read();
}

static inline uint32_t instructions(uint32_t from, uint32_t to)
{
    return to - from;
}
#endif

// About so long.
static inline deadline_t after_instructions(uint32_t n)
{
    return after_us((uint32_t)((uint64_t)n * INSTRUCTION_NS / 1000));
}

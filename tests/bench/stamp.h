// SPDX-License-Identifier: MIT
//
// A count of executed instructions, exact under QEMU's -icount.
//
// Cortex-M on the MPS2 boards: shift=10 makes an instruction 1024 ns, which is 25.6 ticks of the 25
// MHz timer that clock_read() reads. RISC-V: the instret counter, with shift=0.
#pragma once

#include <stdint.h>

#include "kernel/time.h"

#if defined(__riscv)
static inline uint32_t stamp(void)
{
    uint32_t n;

    __asm__ volatile("csrr %0, minstret" : "=r"(n)::"memory");
    return n;
}

static inline uint32_t instructions(uint32_t from, uint32_t to)
{
    return to - from;
}
#elif defined(__arm__)
static inline uint32_t stamp(void)
{
    __asm__ volatile("" ::: "memory");
    uint32_t value = *(volatile uint32_t *)0x40000004; // CMSDK TIMER0, counts down

    __asm__ volatile("" ::: "memory");
    return value;
}

static inline uint32_t instructions(uint32_t from, uint32_t to)
{
    return ((from - to) * 5 + 64) / 128;
}
#else
static inline uint32_t stamp(void)
{
    return clock_read();
}

static inline uint32_t instructions(uint32_t from, uint32_t to)
{
    return to - from;
}
#endif

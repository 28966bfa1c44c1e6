// SPDX-License-Identifier: MIT
//
// The inline part of kernel/arch.h for ARM Cortex-M: Armv6-M, Armv7-M, Armv7E-M, Armv8-M Mainline.
//
// Tasklets and the scheduler run in privileged thread mode on the process stack (PSP), exceptions
// on the main stack (MSP). So what a tasklet's stack carries of an interrupt is the frame that the
// hardware pushes, and no more. References: DDI0403 (Armv7-M), DDI0419 (Armv6-M), DDI0553
// (Armv8-M).
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "features.h"
#include "kernel/config.h"

// Where no limit register and no MPU guards the stack, a painted word does.
#define ARCH_GUARD_CANARY (!ARM_HAS_PSPLIM && !ARM_HAS_MPU_V7)

enum {
    ARCH_STACK_ALIGN = 8,
    ARCH_FRAME_RETURN = ARM_HAS_PSPLIM ? 9 : 8,
    // A power of two, as an MPU region is; and larger than the exception frame, of which the
    // hardware writes only the lowest words when it leaves room for floating-point registers: a
    // smaller guard would be stepped over by it. A build without guards keeps no room for them.
    ARCH_GUARD_SIZE = !ARM_HAS_MPU_V7 || !CONFIG_GUARD ? 0
                      : ARM_HAS_FPU                    ? 128
                                                       : 64,
    // Below its stack pointer the hardware pushes a frame of 9 words (18 more with floating point), also when
    // the guard has just been hit: so far above the guard's low end that must be.
    ARCH_GUARD_REACH = ARCH_GUARD_SIZE == 0 ? 0 : ARCH_GUARD_SIZE - (ARM_HAS_FPU ? 9 + 18 : 9) * 4,
    // The switch frame; s16-s31, FPSCR and an address more; 16 bytes for the functions in between, or 40 where they
    // are three, one below the other: switch_away(), switch_to(), switch_to_loop().
    ARCH_SWITCH_DEPTH =
        (ARM_HAS_FPU ? (10 + 18) * 4 : 10 * 4) + (ARM_HAS_TAIL_CALLS || CONFIG_FAST ? 16 : 40),
    ARCH_WAIT_DEPTH = 64,
    // Exception frame (8 words and one for alignment; 18 more with FPU context), the switch frame
    // (9 words or 10; 17 more with s16-s31 and FPSCR), and 64 bytes for the calls that lead there.
    ARCH_STACK_MIN = (ARM_HAS_FPU ? (9 + 18 + 10 + 17) * 4 : (9 + 10) * 4) + 68
};

#define ARCH_COPIES_STACKS

// Registers of the system control space that more than one file needs.
#define ARM_ICSR      (*(volatile uint32_t *)0xE000ED04)
#define ARM_VTOR      (*(volatile uint32_t *)0xE000ED08)
#define ARM_AIRCR     (*(volatile uint32_t *)0xE000ED0C)
#define ARM_SHCSR     (*(volatile uint32_t *)0xE000ED24)
#define ARM_CFSR      (*(volatile uint32_t *)0xE000ED28)
#define ARM_HFSR      (*(volatile uint32_t *)0xE000ED2C)
#define ARM_MMFAR     (*(volatile uint32_t *)0xE000ED34)
#define ARM_BFAR      (*(volatile uint32_t *)0xE000ED38)
#define ARM_CPACR     (*(volatile uint32_t *)0xE000ED88)
#define ARM_FPCCR     (*(volatile uint32_t *)0xE000EF34)
#define ARM_MPU_CTRL  (*(volatile uint32_t *)0xE000ED94)
#define ARM_MPU_RNR   (*(volatile uint32_t *)0xE000ED98)
#define ARM_MPU_RBAR  (*(volatile uint32_t *)0xE000ED9C)
#define ARM_MPU_MAIR0 (*(volatile uint32_t *)0xE000EDC0) // Armv8-M
#define ARM_MPU_RASR  (*(volatile uint32_t *)0xE000EDA0) // Armv7-M
#define ARM_MPU_RLAR  (*(volatile uint32_t *)0xE000EDA0) // Armv8-M

// Regions of an Armv7-M MPU; of two at one address the higher number holds.
enum { ARM_REGION_RAM = 0, ARM_REGION_NULL = 1, ARM_REGION_GUARD = 7, ARM_REGION_VALID = 1 << 4 };

// On; where there is no region, Armv7-M does as without MPU, and Armv8-M allows nothing.
enum { ARM_MPU_ON = ARM_HAS_MPU_V7 ? 5 : 1 };

static inline uintptr_t arch_irq_save(void)
{
    uintptr_t primask;

    __asm__ volatile("mrs %0, primask\n\tcpsid i" : "=r"(primask)::"memory");
    return primask;
}

static inline void arch_irq_restore(uintptr_t primask)
{
    __asm__ volatile("msr primask, %0" ::"r"(primask) : "memory");
}

static inline bool arch_in_interrupt(void)
{
    uint32_t ipsr;

    __asm__ volatile("mrs %0, ipsr" : "=r"(ipsr));
    return ipsr != 0;
}

// Thread code runs on the process stack: its frame is there, whatever handlers came on top of each other.
static inline uintptr_t arch_interrupted_pc(void)
{
    const uint32_t *frame;

    __asm__ volatile("mrs %0, psp" : "=r"(frame));
    return frame[6];
}

// PRIMASK, not BASEPRI: an interrupt that BASEPRI masks does not end WFI. The ISB lets what is
// pending be taken before the next instruction.
static inline bool arch_idle(void *volatile const *attention)
{
    __asm__ volatile("cpsid i" ::: "memory");
    if (*attention == NULL) {
        __asm__ volatile("dsb\n\twfi" ::: "memory");
    }
    __asm__ volatile("cpsie i\n\tisb" ::: "memory");
    return true;
}

// The first switch returns to arch_begin, with fn in r4.
void arch_begin(void);

static inline void *arch_stack_init(void *base, void *top, void (*fn)(void *))
{
    uint32_t *frame = (uint32_t *)top - (ARM_HAS_PSPLIM ? 10 : 9);

    if (ARM_HAS_PSPLIM) {
        *frame = (uint32_t)base;
    }
    frame[ARM_FRAME_R4] = (uint32_t)fn;
    frame[ARCH_FRAME_RETURN] = (uint32_t)arch_begin;
    return frame;
}

// One frame for all who are swapped out. It is written anew each time, for an exception on the way out of it
// stacks its own frame there; the room is for one on the way in.
enum { ARM_SWAP_ROOM = 10 };

extern uint32_t arch_swap_area[ARM_SWAP_ROOM + 10];
void arch_swap_in(void);

static inline void *arch_swapped_out(void)
{
    uint32_t *frame = arch_swap_area + ARM_SWAP_ROOM;

    if (ARM_HAS_PSPLIM) {
        *frame = (uint32_t)arch_swap_area;
    }
    frame[ARCH_FRAME_RETURN] = (uint32_t)arch_swap_in;
    return frame;
}

#if ARM_HAS_MPU_V7
struct arch_guard {
    uint32_t rbar; // the guard's region, at the low end of the stack
};

static inline void arch_guard_init(struct arch_guard *g, void *base)
{
    g->rbar = (uint32_t)base | ARM_REGION_VALID | ARM_REGION_GUARD;
}

// No barrier: the guard stands a few instructions later at most, at the latest after the next
// exception return.
static inline void arch_guard_load(const struct arch_guard *g)
{
    ARM_MPU_RBAR = g->rbar;
}
#else
struct arch_guard {
    char none[0]; // PSPLIM travels in the switch frame
};

static inline void arch_guard_init(struct arch_guard *g, void *base)
{
    (void)g;
    (void)base;
}

static inline void arch_guard_load(const struct arch_guard *g)
{
    (void)g;
}
#endif

static inline void arch_guard_end(struct arch_guard *g)
{
    (void)g;
}

// newlib keeps errno, stdin and stdout behind one pointer.
struct _reent;
extern struct _reent *_impure_ptr;

extern struct _reent *const _global_impure_ptr;

static inline void *arch_libc_default(void)
{
    return _global_impure_ptr;
}

static inline void arch_libc_load(void *reent)
{
    _impure_ptr = reent;
}

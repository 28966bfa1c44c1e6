// SPDX-License-Identifier: MIT
//
// What the kernel is built with. Each option is a hook of one line behind a constant; the Makefile
// sets them (`make ACCOUNT=0`), and `make bench` states the price of each.
#pragma once

// Assertions: misuse by the program ends in a panic with a sentence.
#ifndef CONFIG_ASSERT
#define CONFIG_ASSERT 1
#endif

// Hardware stack guards (MPU, PSPLIM, PMP), and the painted canary where there is no hardware.
#ifndef CONFIG_GUARD
#define CONFIG_GUARD 1
#endif

// Run time and longest run slice of each tasklet, for `ps` and the hog report.
#ifndef CONFIG_ACCOUNT
#define CONFIG_ACCOUNT 1
#endif

// Stacks are painted at spawn, so that tasklet_stack_used() can tell the high-water mark.
#ifndef CONFIG_PAINT
#define CONFIG_PAINT 1
#endif

// One word per tasklet that belongs to the C library (its reentrancy structure).
#ifndef CONFIG_LIBC
#define CONFIG_LIBC 0
#endif

// The kernel's own short functions in headers: inlined, or where size counts one copy for all, of the
// several that the linker finds. Where size counts there are no short ways beside the general ones.
#ifdef __OPTIMIZE_SIZE__
#define KERNEL_INLINE __attribute__((weak))
#define CONFIG_FAST   0
#else
#define KERNEL_INLINE static inline
#define CONFIG_FAST   1
#endif

// Frequency of the board's clock_read(), in Hz. From boards/*/board.mk.
#ifndef TICK_HZ
#error "TICK_HZ is not set: the board's board.mk says how fast its clock counts"
#endif

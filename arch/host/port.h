// SPDX-License-Identifier: MIT
//
// The inline part of kernel/arch.h for Linux processes, x86-64 and aarch64.
//
// There are no real interrupts: what would be one is a function that the host's clock calls, when
// the program idles or reads the time. So a run in virtual time is the same every time.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kernel/config.h"

#if defined(__SANITIZE_ADDRESS__)
#define HOST_HAS_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HOST_HAS_ASAN 1
#endif
#endif
#ifndef HOST_HAS_ASAN
#define HOST_HAS_ASAN 0
#endif

enum {
    ARCH_STACK_ALIGN = 16,
#if defined(__x86_64__)
    ARCH_FRAME_RETURN = 7,
#else
    ARCH_FRAME_RETURN = 11,
#endif
    // A page, forbidden as long as the tasklet lives. AddressSanitizer has its own ways, and its search for
    // leaks reads all memory.
    ARCH_GUARD_SIZE = CONFIG_GUARD && !HOST_HAS_ASAN ? 4096 : 0,
    ARCH_GUARD_REACH = ARCH_GUARD_SIZE,
    ARCH_STACK_MIN = 32768,   // the host's C library, and the sanitizers' frames
    ARCH_SWITCH_DEPTH = 1024, // the same
    ARCH_WAIT_DEPTH = 2048,   // the same
};
#define ARCH_GUARD_CANARY 1

// AddressSanitizer marks what lies around the variables of a frame; who copies stacks copies that, too.
#define ARCH_COPIES_STACKS __attribute__((no_sanitize("address")))

// Set while a simulated handler runs.
extern bool host_in_interrupt;

// Waits for the next event; false if there will never be one. From the board's clock.
bool host_idle(void);

// A switch takes time too, and interrupts come while the program is busy. From the board's clock.
void host_pass_time(void);

static inline uintptr_t arch_irq_save(void)
{
    return 0;
}

static inline void arch_irq_restore(uintptr_t before)
{
    (void)before;
}

static inline bool arch_in_interrupt(void)
{
    return host_in_interrupt;
}

static inline uintptr_t arch_interrupted_pc(void)
{
    return 0;
}

static inline bool arch_idle(void *volatile const *attention)
{
    return *attention != NULL || host_idle();
}

void *arch_stack_init(void *base, void *top, void (*fn)(void *));

// One frame for all who are swapped out, never written.
extern uintptr_t host_swap_frame[];

static inline void *arch_swapped_out(void)
{
    return host_swap_frame;
}

void host_guard(void *page, bool forbidden);

struct arch_guard {
    void *page;
};

static inline void arch_guard_init(struct arch_guard *g, void *base)
{
    g->page = base;
    host_guard(base, true);
}

static inline void arch_guard_end(struct arch_guard *g)
{
    host_guard(g->page, false);
}

static inline void arch_guard_load(const struct arch_guard *g)
{
    (void)g;
}

// The host's C library keeps errno and its like per thread; tasklets share one.
static inline void *arch_libc_default(void)
{
    return NULL;
}

static inline void arch_libc_load(void *block)
{
    (void)block;
}

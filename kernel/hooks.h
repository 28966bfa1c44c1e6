// SPDX-License-Identifier: MIT
//
// One-line hooks of the optional parts, and their fields in each tasklet. An option that is off has
// an empty structure and an empty function: it costs nothing. This is a configuration header, the
// only kind outside arch/ where #if is allowed.
#pragma once

#include <stdint.h>

#include "kernel/arch.h"
#include "kernel/config.h"

struct tasklet;

// ---- Run time (account.c) ----
#if CONFIG_ACCOUNT
struct account {
    uint32_t run_low;  // ticks this tasklet has run, lower and
    uint32_t run_high; // upper half
    uint32_t longest;  // its longest stretch without a switch, in ticks
};
extern uint32_t account_since; // clock_read() when the running tasklet was switched to
void account_slice(struct account *a);
#define hook_account_out(t)   account_slice(&(t)->account)
#define hook_account_start()  ((void)(account_since = clock_read()))
#define hook_account_spawn(t) ((void)((t)->account = (struct account){ 0 }))
uint32_t clock_read(void);
#else
struct account {
    char none[0];
};
#define hook_account_out(t)   ((void)(t))
#define hook_account_start()  ((void)0)
#define hook_account_spawn(t) ((void)(t))
#endif

// ---- Stack guards (the port's) and the painted word below each stack ----
#if CONFIG_GUARD
struct guard {
    struct arch_guard arch;
};
#define hook_guard(t)             arch_guard_load(&(t)->guard.arch)
#define hook_guard_spawn(t, base) arch_guard_init(&(t)->guard.arch, base)
#define hook_guard_end(t)         arch_guard_end(&(t)->guard.arch)
#if ARCH_GUARD_CANARY
void guard_check(const struct tasklet *t);
#define hook_canary(t) guard_check(t)
#else
#define hook_canary(t) ((void)(t))
#endif
#else
struct guard {
    char none[0];
};
#define hook_guard(t)             ((void)(t))
#define hook_guard_spawn(t, base) ((void)(t))
#define hook_guard_end(t)         ((void)(t))
#define hook_canary(t)            ((void)(t))
#endif

// ---- The C library's word ----
#if CONFIG_LIBC
struct libc_word {
    void *word; // newlib: struct _reent; picolibc: the thread pointer
};
#define hook_libc(t)       arch_libc_load((t)->libc.word)
#define hook_libc_spawn(t) ((void)((t)->libc.word = arch_libc_default()))
#else
struct libc_word {
    char none[0];
};
#define hook_libc(t)       ((void)(t))
#define hook_libc_spawn(t) ((void)(t))
#endif

// A tasklet is being spawned.
#define HOOK_SPAWN(t) (hook_account_spawn(t), hook_libc_spawn(t))
// The running tasklet is about to be switched away from.
#define HOOK_OUT(t) (hook_account_out(t), hook_canary(t))
// The tasklet, which has a stack of its own, is about to be switched away from for good.
#define HOOK_END(t) hook_guard_end(t)
// The tasklet is about to be switched to.
#define HOOK_IN(t) (hook_guard(t), hook_libc(t))
// The scheduler is about to switch to a tasklet, after polling or sleep.
#define HOOK_START() hook_account_start()

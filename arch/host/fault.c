// SPDX-License-Identifier: MIT
//
// Faults of a process: what a board's handlers do, by signals, which have a stack of their own.
#include <signal.h>
#include <string.h>
#include <ucontext.h>

#include "kernel/arch.h"
#include "kernel/contain.h"
#include "kernel/panic.h"
#include "kernel/stack.h"

void host_catch_faults(void);

#if defined(__x86_64__)
#define SP_OF(context) ((context)->uc_mcontext.gregs[REG_RSP])
#define PC_OF(context) ((context)->uc_mcontext.gregs[REG_RIP])
enum { RETURN_ADDRESS = 8 }; // what a call has pushed
#else
#define SP_OF(context) ((context)->uc_mcontext.sp)
#define PC_OF(context) ((context)->uc_mcontext.pc)
enum { RETURN_ADDRESS = 0 };
#endif

// The tasklet that failed goes on with reap(), on its stack from the top, where a call would have come to.
static void go_on_with_reap(ucontext_t *u)
{
    const struct tasklet *t = sched_current();
    uintptr_t top = (uintptr_t)tasklet_stack_top(t) & ~(uintptr_t)15;

    stack_paint(t->base, t->base); // the lowest word alone
    SP_OF(u) = (greg_t)(top - RETURN_ADDRESS);
    PC_OF(u) = (greg_t)(uintptr_t)reap;
}

static void on_fault(int unused, siginfo_t *info, void *context)
{
    struct panic_record *r = &panic_record;
    const struct tasklet *t = sched_current();
    const uintptr_t guard = ARCH_GUARD_SIZE;
    uintptr_t address = (uintptr_t)info->si_addr;
    enum panic_context where = host_in_interrupt ? PANIC_INTERRUPT
                               : t != NULL       ? PANIC_TASKLET
                                                 : PANIC_POLL;

    (void)unused;
    memset(r, 0, sizeof *r);
    r->sp = (uintptr_t)SP_OF((ucontext_t *)context);
    r->address = address;
    r->has_address = 1;
    r->overflow = t != NULL && address - (uintptr_t)t->base < guard;
    r->why = r->overflow ? "stack overflow" : "memory fault: access to forbidden memory";
    if (!panic_contained(r, where, (uintptr_t)PC_OF((ucontext_t *)context))) {
        panic_finish(r, where);
    }
    go_on_with_reap(context);
}

// The sanitizers explain faults themselves.
void host_catch_faults(void)
{
    static unsigned char memory[64 * 1024];
    const stack_t stack = { .ss_sp = memory, .ss_size = sizeof memory };
    const struct sigaction action = {
        .sa_sigaction = on_fault,
        .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER,
    };

    if (!HOST_HAS_ASAN) {
        sigaltstack(&stack, NULL);
        sigaction(SIGSEGV, &action, NULL);
        sigaction(SIGBUS, &action, NULL);
    }
}

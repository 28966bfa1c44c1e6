// SPDX-License-Identifier: MIT
//
// A Stint program as a Linux process: the process's main() is the start-up code, the program's
// main() runs in the first tasklet. AddressSanitizer is told of each switch, so that it knows the
// stacks.
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "kernel/arch.h"
#include "kernel/contain.h"
#include "kernel/copy.h"
#include "kernel/panic.h"
#include "kernel/reason.h"
#include "kernel/stack.h"

#undef main

#if HOST_HAS_ASAN
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#else
#define ASAN_UNPOISON_MEMORY_REGION(base, size) ((void)(base))
#endif

void board_init(void);
void host_switch(void **save, void *const *load);
void host_first(void);
_Noreturn void host_restart(void *top, void (*fn)(void));
_Noreturn void host_begin(void (*fn)(void *));
void host_catch_faults(void);
// A process has stack enough for everybody: the call stays on the caller's.
intptr_t arch_call_on(uintptr_t top, intptr_t (*fn)(void *arg), void *arg)
{
    (void)top;
    return fn(arg);
}

int main(int argc, char **argv);

const char *const arch_register_names[] = { NULL };
bool host_in_interrupt;

#if HOST_HAS_ASAN
// The process's own stack, where the scheduler runs; learned at the first switch away from it.
static struct {
    const void *base;
    size_t size;
} process_stack;

static void start_switch(void **fake, const struct tasklet *to)
{
    if ((const void *)to != &sched) {
        __sanitizer_start_switch_fiber(
            fake, to->base, (size_t)((const char *)tasklet_stack_top(to) - (const char *)to->base));
    } else {
        __sanitizer_start_switch_fiber(fake, process_stack.base, process_stack.size);
    }
}

static void finish_switch(void *fake)
{
    const void *base;
    size_t size;

    __sanitizer_finish_switch_fiber(fake, &base, &size);
    if (process_stack.base == NULL) {
        process_stack.base = base;
        process_stack.size = size;
    }
}
#else
static void start_switch(void **fake, const struct tasklet *to)
{
    (void)fake;
    (void)to;
}

static void finish_switch(void *fake)
{
    (void)fake;
}
#endif

intptr_t arch_switch(void *save, void *load)
{
    struct tasklet *from = save, *to = load; // or the loop, which begins like one
    void *fake = NULL;

    host_pass_time();
    start_switch(&fake, to);
    host_switch(&from->sp, &to->sp);
    finish_switch(fake);
    return from->waiter.result;
}

void host_begin(void (*fn)(void *))
{
    finish_switch(NULL);
    fn(sched_current()->waiter.data);
    tasklet_exit(0);
}

// Called by switch.S. The marks on the stack are those of who lay there before. If another goes on than was
// switched to, that is another switch.
struct tasklet *stack_swap_in(void) __attribute__((weak));
struct tasklet *host_swap(void);
struct tasklet *host_swap(void)
{
    const struct tasklet *wanted = sched_current();
    struct tasklet *t = stack_swap_in();
    void *fake = NULL;

    if (t != wanted) {
        finish_switch(NULL);
        start_switch(&fake, t);
        return t;
    }
    ASAN_UNPOISON_MEMORY_REGION(t->base, (size_t)((char *)tasklet_stack_top(t) - (char *)t->base) +
                                             SAVE_CHUNK);
    return t;
}

// Without shared stacks what others wait with lies where they say: see kernel/copy.h.
void __attribute__((weak))
rendezvous_put(void *to, const void *from, size_t size, struct waiter *other)
{
    (void)other;
    memcpy(to, from, size);
}

void __attribute__((weak))
rendezvous_get(void *to, const void *from, size_t size, struct waiter *other)
{
    (void)other;
    memcpy(to, from, size);
}

void *arch_stack_init(void *base, void *top, void (*fn)(void *))
{
    // Frames of a tasklet that ended here have left their marks.
    ASAN_UNPOISON_MEMORY_REGION(base, (size_t)((char *)top - (char *)base));
#if defined(__x86_64__)
    uintptr_t *sp = (uintptr_t *)((uintptr_t)top & ~(uintptr_t)15);

    *--sp = (uintptr_t)host_first;
    *--sp = 0; // rbp
    *--sp = 0; // rbx
    *--sp = (uintptr_t)fn;
    *--sp = 0;                              // r13
    *--sp = 0;                              // r14
    *--sp = 0;                              // r15
    *--sp = UINT64_C(0x37F) << 32 | 0x1F80; // the ABI's initial x87 control word and MXCSR
    return sp;
#else
    uintptr_t *sp = (uintptr_t *)((uintptr_t)top & ~(uintptr_t)15) - 22;

    memset(sp, 0, 22 * sizeof *sp);
    sp[0] = (uintptr_t)fn;
    sp[11] = (uintptr_t)host_first;
    return sp;
#endif
}

void *arch_main_memory(size_t *size)
{
    static _Alignas(TASKLET_ALIGN) unsigned char memory[256 * 1024];

    *size = sizeof memory;
    return memory;
}

// A process has what it asks for.
void arch_memory(size_t *used, size_t *left)
{
    *used = 0;
    *left = 0;
}

void host_guard(void *page, bool forbidden)
{
    if (ARCH_GUARD_SIZE != 0 &&
        ARCH_GUARD_SIZE % sysconf(_SC_PAGESIZE) == 0 && // pages may be larger
        mprotect(page, ARCH_GUARD_SIZE, forbidden ? PROT_NONE : PROT_READ | PROT_WRITE) != 0) {
        panic("host: mprotect() of a guard failed");
    }
}

void arch_init(void)
{
    host_catch_faults();
}

#ifdef HOST_COVERAGE
int __llvm_profile_write_file(void);
#else
static int __llvm_profile_write_file(void)
{
    return 0; // nothing is counted
}
#endif

// A process cannot be restarted with its RAM kept: it ends as it does after abort(), but not without what was
// counted.
void arch_reset(void)
{
    fflush(NULL);
    __llvm_profile_write_file();
    _exit(128 + SIGABRT);
}

void arch_exit(int code)
{
    fflush(NULL);
    exit(code);
}

bool arch_is_image(const void *text)
{
    return text != NULL;
}

// A process does not tell where its parts lie.
bool arch_is_kernel(uintptr_t pc)
{
    (void)pc;
    return false;
}

void arch_restart_at(void *top, void (*fn)(void))
{
    const struct tasklet *t = sched_current();

    ASAN_UNPOISON_MEMORY_REGION(t->base, (size_t)((char *)top - (char *)t->base));
    host_restart((void *)((uintptr_t)top & ~(uintptr_t)15), fn);
}

bool arch_is_ram(const void *address)
{
    return address != NULL;
}

bool arch_is_return_address(uintptr_t address)
{
    (void)address;
    return false;
}

uintptr_t arch_stack_end(uintptr_t sp)
{
    return sp;
}

static void to_stderr(void *unused, const char *piece)
{
    (void)unused;
    fputs(piece, stderr);
}

int main(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    arch_init();
    kernel_run(board_init);
    fprintf(stderr, "stint: nothing can ever run again; tasklets that still wait:\n");
    for (struct list *l = tasklet_all.next; l != &tasklet_all; l = l->next) {
        fputs("  ", stderr);
        reason_print(container_of(l, struct tasklet, all), to_stderr, NULL);
        fputs("\n", stderr);
    }
    return list_empty(&tasklet_all) ? 0 : 70;
}

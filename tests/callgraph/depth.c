// SPDX-License-Identifier: MIT
//
// Linked in front of tasklet_spawn(), tasklet_join() and arch_exit() of any suite (ld --wrap): how deep
// the stacks of its tasklets became, by function, is printed at the end, to be compared with what
// `make stack` says. The two stacks that are not painted are zero before they are used.
#include "boards/board.h"
#include "io/printf.h"
#include "io/uart.h"
#include "kernel/tasklet.h"

enum { FUNCTIONS = 48, ALIVE = 12 };

struct depth {
    void (*fn)(void *);
    size_t used;
};

struct tasklet *__real_tasklet_spawn(const char *name, void (*fn)(void *), void *arg, void *mem,
                                     size_t size);
struct tasklet *__wrap_tasklet_spawn(const char *name, void (*fn)(void *), void *arg, void *mem,
                                     size_t size);
int __real_tasklet_join(struct tasklet *t, deadline_t d);
int __wrap_tasklet_join(struct tasklet *t, deadline_t d);
_Noreturn void __real_arch_exit(int code);
_Noreturn void __wrap_arch_exit(int code);

extern char __exc_stack_base[], __exc_stack_top[], __poll_stack_base[], __poll_stack_top[];

static struct depth depths[FUNCTIONS];
static struct {
    struct tasklet *tasklet;
    void (*fn)(void *);
} alive[ALIVE];

static void keep(void (*fn)(void *), size_t used)
{
    for (unsigned i = 0; i < FUNCTIONS; i++) {
        if (depths[i].fn == fn || depths[i].fn == NULL) {
            depths[i].fn = fn;
            depths[i].used = used > depths[i].used ? used : depths[i].used;
            return;
        }
    }
}

struct tasklet *__wrap_tasklet_spawn(const char *name, void (*fn)(void *), void *arg, void *mem,
                                     size_t size)
{
    struct tasklet *t = __real_tasklet_spawn(name, fn, arg, mem, size);
    unsigned i = 0;

    while (i < ALIVE - 1 && alive[i].tasklet != NULL && alive[i].tasklet != t) {
        i++;
    }
    alive[i].tasklet = t;
    alive[i].fn = fn;
    return t;
}

int __wrap_tasklet_join(struct tasklet *t, deadline_t d)
{
    int result = __real_tasklet_join(t, d);

    for (unsigned i = 0; i < ALIVE && tasklet_state(t) == TASKLET_JOINED; i++) {
        if (alive[i].tasklet == t) {
            keep(alive[i].fn, tasklet_stack_used(t));
            alive[i].tasklet = NULL;
        }
    }
    return result;
}

static unsigned used_of(const char *base, const char *top)
{
    while (base < top && *base == 0) {
        base++;
    }
    return (unsigned)(top - base);
}

void __wrap_arch_exit(int code)
{
    struct uart *u = board_uarts[0];
    unsigned mine = (unsigned)tasklet_stack_used(tasklet_self());

    for (unsigned i = 0; i < FUNCTIONS && depths[i].fn != NULL; i++) {
        uart_printf(u, "depth %p %u\r\n", (void *)(uintptr_t)depths[i].fn,
                    (unsigned)depths[i].used);
    }
    uart_printf(u, "depth main %u\r\n", mine);
    uart_printf(u, "depth poll %u\r\n",
                used_of(__poll_stack_base + ARCH_GUARD_SIZE, __poll_stack_top));
    uart_printf(u, "depth exceptions %u\r\n", used_of(__exc_stack_base, __exc_stack_top));
    uart_flush(u, FOREVER);
    __real_arch_exit(code);
}

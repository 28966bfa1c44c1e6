// SPDX-License-Identifier: MIT
//
// Paint, guard and measure of a tasklet's stack.
#include "kernel/stack.h"

#include <string.h>

#include "kernel/panic.h"

static const uint32_t paint = 0x57197A1D;  // unlikely as data, odd as an address
static const uint32_t poison = 0xDEAD57A1; // likewise

static uint32_t *words_of(const struct tasklet *t)
{
    return (uint32_t *)((char *)t->base + ARCH_GUARD_SIZE);
}

static inline void paint_words(uint32_t *words, const uint32_t *end)
{
    words[0] = paint;
    if (CONFIG_PAINT) {
        for (uint32_t *w = words; w < end; w++) {
            *w = paint;
        }
    }
}

void stack_prepare(struct tasklet *t)
{
    paint_words(words_of(t), t->sp);
    hook_guard_spawn(t, t->base);
}

void stack_paint(void *base, void *top)
{
    paint_words((uint32_t *)((uintptr_t)base + ARCH_GUARD_SIZE), top);
}

ARCH_COPIES_STACKS void stack_poison(void *from, void *top)
{
    for (volatile uint32_t *w = from; w < (uint32_t *)top; w++) {
        *w = poison;
    }
}

bool on_shared_stack(const void *address)
{
    const struct tasklet *t = sched_current();

    return t != NULL && (t->waiter.flags & TASKLET_SHARED) != 0 &&
           (uintptr_t)address - (uintptr_t)t->base <
               ((const struct shared_tasklet *)t)->stack->size;
}

bool stack_overrun(const struct tasklet *t)
{
    return words_of(t)[0] != paint;
}

#if CONFIG_GUARD && ARCH_GUARD_CANARY
void guard_check(const struct tasklet *t)
{
    if (stack_overrun(t)) {
        sched.no_switch++; // memory of others was overwritten: it cannot end alone
        panic("stack overflow: the painted word below the stack was overwritten");
    }
}
#endif

size_t tasklet_stack_size(const struct tasklet *t)
{
    return (size_t)((const char *)tasklet_stack_top(t) - (const char *)words_of(t));
}

size_t tasklet_stack_used(const struct tasklet *t)
{
    const uint32_t *w = words_of(t), *top = tasklet_stack_top(t);

    if (!CONFIG_PAINT) {
        return 0;
    }
    while (w < top && *w == paint) {
        w++;
    }
    return (size_t)((const char *)top - (const char *)w);
}

// SPDX-License-Identifier: MIT
//
// Paint, guard and measure of a tasklet's stack.
#include "kernel/stack.h"

#include <string.h>

#include "kernel/panic.h"

static const uint32_t paint = 0x57197A1D; // unlikely as data, odd as an address

static uint32_t *words_of(const struct tasklet *t)
{
    return (uint32_t *)((char *)t->base + ARCH_GUARD_SIZE);
}

void stack_prepare(struct tasklet *t)
{
    uint32_t *words = words_of(t);

    words[0] = paint;
    if (CONFIG_PAINT) {
        for (uint32_t *w = words; w < (uint32_t *)t->sp; w++) {
            *w = paint;
        }
    }
    hook_guard_spawn(t, t->base);
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
    return (size_t)((const char *)t - (const char *)words_of(t));
}

size_t tasklet_stack_used(const struct tasklet *t)
{
    const uint32_t *w = words_of(t), *top = (const uint32_t *)(const void *)t;

    if (!CONFIG_PAINT) {
        return 0;
    }
    while (w < top && *w == paint) {
        w++;
    }
    return (size_t)((const char *)top - (const char *)w);
}

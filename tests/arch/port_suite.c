// SPDX-License-Identifier: MIT
//
// Does a port keep what kernel/arch.h promises? For every board, 8 KB of RAM and more, and the host.
#include "tests/arch/port.h"

#include "tests/arch/verdict.h"

struct worker workers[WORKERS];

_Alignas(TASKLET_ALIGN) union arena arena;

void workers_start(unsigned n, unsigned floats, void (*fn)(void *))
{
    for (unsigned i = 0; i < n; i++) {
        struct worker *w = &workers[i];

        w->seed = (uintptr_t)0x12345678 * (i + 1);
        w->rounding = i + 1;
        w->floats = (floats >> i & 1) != 0;
        w->wrong = 0;
        w->tasklet = tasklet_spawn("worker", fn, w, arena.slots[i], SLOT);
    }
}

bool workers_end(unsigned n)
{
    unsigned wrong = 0;

    for (unsigned i = 0; i < n; i++) {
        wrong += tasklet_join(workers[i].tasklet, FOREVER) != 0;
        wrong += workers[i].wrong;
    }
    return wrong == 0;
}

// ---- Calls to the end of a stack, a switch at each level ----

static struct {
    unsigned wrong, levels;
} deep;

static void __attribute__((noinline)) dive(uintptr_t limit, uint32_t level)
{
    volatile uint32_t mine[4];

    for (uint32_t i = 0; i < 4; i++) {
        mine[i] = level * 0x01010101 + i;
    }
    tasklet_yield();
    if (regs_sp() - limit > ARCH_STACK_MIN + 128) {
        dive(limit, level + 1);
    } else {
        deep.levels = level;
    }
    tasklet_yield();
    for (uint32_t i = 0; i < 4; i++) {
        deep.wrong += mine[i] != level * 0x01010101 + i;
    }
}

static void deep_tasklet(void *unused)
{
    (void)unused;
    dive((uintptr_t)tasklet_self()->base + ARCH_GUARD_SIZE, 1);
}

static bool test_deep_stack(void)
{
    struct tasklet *t = tasklet_spawn("deep", deep_tasklet, NULL, arena.deep, DEEP);

    deep.wrong = 0;
    storm_start();
    while (tasklet_state(t) != TASKLET_EXITED) {
        tasklet_yield();
    }
    storm_end();
    return tasklet_join(t, FOREVER) == 0 && deep.wrong == 0 && deep.levels > 4;
}

// ---- The stack is aligned, whatever the memory given ----

static void probe(void *arg)
{
    struct worker *w = arg;

    w->wrong = regs_sp() % ARCH_STACK_ALIGN != 0;
    tasklet_yield();
    w->wrong += regs_sp() % ARCH_STACK_ALIGN != 0;
}

static bool test_alignment(void)
{
    unsigned wrong = 0;

    for (size_t lower = 0; lower < ARCH_STACK_ALIGN; lower++) {
        for (size_t upper = 0; upper < ARCH_STACK_ALIGN; upper += 3) {
            workers[0].tasklet = tasklet_spawn("probe", probe, &workers[0], arena.slots[0] + lower,
                                               2 * SLOT - lower - upper);
            wrong += !workers_end(1);
        }
    }
    return wrong == 0;
}

int main(void)
{
    static const struct {
        const char *name;
        bool (*run)(void);
    } tests[] = {
        { "registers_yield", test_registers_yield },
        { "registers_wait", test_registers_wait },
        { "registers_timeout", test_registers_timeout },
        { "registers_poll", test_registers_poll },
        { "switch_to_itself", test_switch_to_itself },
        { "rounding_of_new", test_rounding_of_new },
        { "small_frame", test_small_frame },
        { "deep_stack", test_deep_stack },
        { "alignment", test_alignment },
        { "context", test_context },
        { "masks", test_masks },
        { "nesting", test_nesting },
        { "handler_stack", test_handler_stack },
        { "idle_kicked", test_idle_kicked },
        { "idle_pending", test_idle_pending },
        { "storm", test_storm },
    };

    panic_hook = verdict_panic;
    regs_prepare();
    for (size_t i = 0; i < sizeof tests / sizeof tests[0]; i++) {
        verdict(tests[i].name, tests[i].run());
    }
    verdict("handlers", handlers.wrong == 0);
    verdict_end("port");
}

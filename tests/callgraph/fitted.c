// SPDX-License-Identifier: MIT
//
// All its stacks have the size that the build gives them. The tasklets go as deep as they can, and wait there.
#include "boards/board.h"
#include "io/printf.h"
#include "kernel/callgraph.h"
#include "kernel/shared_stack.h"
#include "kernel/tasklet_pool.h"

enum { DIVERS = 2, TALKS = 2, CREW = 3, ALL = 1 + DIVERS + TALKS + 2 * CREW, PAGE = 400 };

static TASKLET_MEMORY(adder_memory, STACK_OF(add));
static TASKLET_MEMORY(diver_memory[DIVERS], STACK_OF(dive));
static TASKLET_POOL(crew, CREW, STACK_OF(work));
static SAVE_AREA(saved, TALKS *(SHARED_RESERVE + PAGE + 64));
static STACK(stack, STACK_OF(talk), &saved);
static struct shared_tasklet talks[TALKS];
static unsigned done;

// Uses its whole frame, and waits in between.
static __attribute__((noinline)) unsigned fill(unsigned seed)
{
    volatile unsigned char page[PAGE];
    unsigned wrong = 0;

    for (unsigned i = 0; i < PAGE; i++) {
        page[i] = (unsigned char)(seed + i);
    }
    tasklet_yield();
    for (unsigned i = 0; i < PAGE; i++) {
        wrong += page[i] != (unsigned char)(seed + i);
    }
    return wrong;
}

static void add(void *arg)
{
    volatile double sum = 0;

    for (int i = 0; i < 10; i++) {
        sum += i;
        sleep_ms(1);
    }
    done += fill((unsigned)(uintptr_t)arg) == 0 && (int)sum == 45;
}

static __attribute__((noinline)) unsigned descend(volatile unsigned levels)
{
    return levels == 0 ? fill(1) : descend(levels - 1) + fill(levels);
}
RECURSES(descend, 4);

static void dive(void *unused)
{
    (void)unused;
    done += descend(3) == 0;
}

static void work(void *unused)
{
    char text[100];

    (void)unused;
    io_snprintf(text, sizeof text, "%d%%", 50);
    done += fill((unsigned char)text[0]) == 0;
}

static void talk(void *unused)
{
    (void)unused;
    done += fill(7) == 0;
}

int main(void)
{
    tasklet_spawn("add", add, NULL, adder_memory, sizeof adder_memory);
    for (unsigned i = 0; i < DIVERS; i++) {
        tasklet_spawn("dive", dive, NULL, diver_memory[i], sizeof diver_memory[i]);
    }
    for (unsigned i = 0; i < TALKS; i++) {
        tasklet_spawn_on(&stack, "talk", talk, NULL, &talks[i]);
    }
    for (unsigned i = 0; i < 2 * CREW; i++) {
        tasklet_pool_spawn(&crew, "work", work, NULL, FOREVER);
    }
    for (unsigned i = 0; i < 100 && done < ALL; i++) {
        sleep_ms(10);
    }
    uart_printf(board_uarts[0], "%u of %u went to the ground\r\n", done, ALL);
    uart_flush(board_uarts[0], FOREVER);
    arch_exit(done != ALL);
}

// SPDX-License-Identifier: MIT
//
// Nothing is wrong here: what the analysis says of it is compared with what is written.
#include <string.h>

#include "boards/board.h"
#include "io/printf.h"
#include "kernel/callgraph.h"
#include "kernel/chan.h"
#include "kernel/tasklet.h"
#include "kernel/tasklet_pool.h"
#include "kernel/timer.h"

struct shape {
    const char *name;
    int (*area)(int side);
    int (*edge)(int side);
};

static CHAN(numbers, int, 0);
static TASKLET_MEMORY(memory[2], 512);
static TASKLET_POOL(crew, 2, 256);

static __attribute__((noinline)) int square(int side)
{
    return side * side;
}

static __attribute__((noinline)) int cube(int side)
{
    return 6 * square(side);
}

static int four(int side)
{
    return 4 * side;
}

static const struct shape shapes[] = { { "square", square, four }, { "cube", cube, four } };

static __attribute__((noinline)) int apply(int (*fn)(int side), int side)
{
    return fn(side) + 1;
}

static __attribute__((noinline)) int halves(volatile int n)
{
    return n == 0 ? 0 : halves(n / 2) + n;
}
RECURSES(halves, 5);

static void fire(struct timer *t)
{
    int none = 0;

    (void)t;
    chan_send(&numbers, &none, NOWAIT);
}
DOES_NOT_SWITCH(fire, chan_send);

static struct timer timer = TIMER_INIT(fire);

static void sender(void *arg)
{
    const struct shape *shape = arg;
    int area = shape->area(7) + halves(16);

    chan_send(&numbers, &area, FOREVER);
}

static void quiet(void *arg)
{
    (void)arg;
    tasklet_yield();
}

int main(void)
{
    int area;

    tasklet_spawn("sender", sender, (void *)(uintptr_t)&shapes[1], memory[1], sizeof memory[1]);
    tasklet_pool_spawn(&crew, "quiet", quiet, NULL, FOREVER);
    timer_arm(&timer, after_ms(1000));
    chan_recv(&numbers, &area, FOREVER);
    uart_printf(board_uarts[0], "%d %d\r\n", apply(cube, area), apply(square, 3));
    return 0;
}

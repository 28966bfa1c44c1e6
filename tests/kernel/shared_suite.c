// SPDX-License-Identifier: MIT
#include "kernel/shared_stack.h"

#include "boards/board.h"
#include "tests/kernel/suite.h"

static SAVE_AREA(area, 8192);
static STACK(stack, 1024, &area);
static struct shared_tasklet talks[4];

static void talk(void *arg)
{
    volatile int here = NUMBER(arg);

    for (int i = 0; i < 3; i++) {
        step(here);
        tasklet_yield();
    }
}

static void smoke(void)
{
    for (int i = 0; i < 3; i++) {
        tasklet_spawn_on(&stack, i == 0 ? "A" : i == 1 ? "B" : "C", talk, ARG(i), &talks[i]);
    }
    for (int i = 0; i < 3; i++) {
        CHECK_IS(tasklet_join(&talks[i].tasklet, FOREVER), 0);
    }
    CHECK_TRACE("A0 B1 C2 A0 B1 C2 A0 B1 C2");
    CHECK_IS(area.spare, area.count);
}

int main(void)
{
    static const struct suite_case cases[] = { CASE(smoke) };

    SUITE_RUN("shared", cases);
}

// SPDX-License-Identifier: MIT
//
// What a tasklet makes of the memory that it is given, whatever its address, its size and what was in it.
#include <errno.h>

#include "kernel/tasklet.h"
#include "tests/kernel/suite.h"

enum {
    ROOM = 4 * TASKLET_ALIGN,
    STEP =
        TASKLET_ALIGN > 64 ? TASKLET_ALIGN / 33 : 1 // all of them, unless a page is the alignment
};

static _Alignas(TASKLET_ALIGN) unsigned char memory[TASKLET_MEMORY_MIN + ROOM];

static void one_step(void *unused)
{
    (void)unused;
    step(1);
}

// As much of it as can be, and nothing outside.
static void check_place(const struct tasklet *t, const unsigned char *begin, size_t size)
{
    uintptr_t base = (uintptr_t)t->base, end = (uintptr_t)(t + 1);

    CHECK(base % TASKLET_ALIGN == 0 && (uintptr_t)t % ARCH_STACK_ALIGN == 0);
    CHECK(base >= (uintptr_t)begin && base - (uintptr_t)begin < TASKLET_ALIGN);
    CHECK(end <= (uintptr_t)begin + size && (uintptr_t)begin + size - end < ARCH_STACK_ALIGN);
    CHECK_IS(tasklet_stack_size(t), (uintptr_t)t - base - ARCH_GUARD_SIZE);
}

static void any_address_and_size(void)
{
    for (size_t offset = 0; offset <= TASKLET_ALIGN; offset += STEP) {
        for (size_t more = 0; more <= TASKLET_ALIGN; more += STEP) {
            size_t size = TASKLET_MEMORY_MIN + more;
            struct tasklet *t = tasklet_spawn("A", one_step, NULL, memory + offset, size);

            check_place(t, memory + offset, size);
            CHECK_IS(tasklet_join(t, FOREVER), 0);
            CHECK_TRACE("A1");
        }
    }
}

// Alignment may cost some, so that much less is taken, too.
static void the_least(void)
{
    struct tasklet *t =
        tasklet_spawn("A", one_step, NULL, memory, TASKLET_MEMORY_MIN - TASKLET_ALIGN);

    CHECK_IS(tasklet_join(t, FOREVER), 0);
    CHECK_TRACE("A1");
}

static void wait_for_ever(void *unused)
{
    (void)unused;
    CHECK_IS(tasklet_cancelled(), 0);
    CHECK_IS(sleep_until(FOREVER), -ECANCELED);
    step(1);
    tasklet_exit(5);
}

// The frames that ended there have left their marks with AddressSanitizer, which must not see this.
static void __attribute__((no_sanitize("address"))) fill(int value)
{
    for (volatile unsigned char *p = memory; p < memory + sizeof memory; p++) {
        *p = (unsigned char)value;
    }
}

static void any_contents(void)
{
    static const int values[] = { 0, 0xFF, 0x55 };

    for (unsigned i = 0; i < 3; i++) {
        fill(values[i]);
        struct tasklet *t = tasklet_spawn("A", wait_for_ever, NULL, memory, sizeof memory);

        CHECK_IS(tasklet_run_time(t), 0);
        CHECK_IS(tasklet_longest_slice(t), 0);
        tasklet_yield();
        CHECK_IS(tasklet_cancel(t), 0);
        CHECK_IS(tasklet_join(t, after_ms(1)), 5);
        CHECK_TRACE("A1");
    }
}

int main(void)
{
    static const struct suite_case cases[] = {
        CASE(any_address_and_size),
        CASE(the_least),
        CASE(any_contents),
    };

    SUITE_RUN("spawn", cases);
}

// SPDX-License-Identifier: MIT
//
// What shared stacks and their save areas assert, part by part.
#include "kernel/group.h"
#include "kernel/poller.h"
#include "kernel/save_area.h"
#include "kernel/shared_stack.h"
#include "tests/host/says.h"
#include "tests/kernel/suite.h"

// Volatile, so that the compiler does not see what we are up to.
static void *volatile null;

static SAVE_AREA(area, 4096);
static STACK(stack, 8192, &area);
static struct stack homeless;
static struct shared_tasklet one;
static struct group group;

static void nothing(void *unused)
{
    (void)unused;
}

static void on_no_stack(void)
{
    tasklet_spawn_on(null, "none", nothing, NULL, &one);
}

static void without_area(void)
{
    tasklet_spawn_on(&homeless, "none", nothing, NULL, &one);
}

static void no_function(void)
{
    tasklet_spawn_on(&stack, "none", (void (*)(void *))(uintptr_t)null, NULL, &one);
}

static void no_tasklet(void)
{
    tasklet_spawn_on(&stack, "none", nothing, NULL, null);
}

static void spawn_it(void)
{
    tasklet_spawn_on(&stack, "none", nothing, NULL, &one);
}

static void spawn_in_interrupt(void)
{
    says("tasklet_spawn_on: called from an interrupt", spawn_it);
}

static void spawns(void)
{
    says("tasklet_spawn_on: NULL", on_no_stack);
    says("tasklet_spawn_on: NULL", without_area);
    says("tasklet_spawn_on: NULL", no_function);
    says("tasklet_spawn_on: NULL", no_tasklet);
    suite_interrupt(spawn_in_interrupt);
}

static void add_to_none(void)
{
    group_add(null, tasklet_self());
}

static void add_none(void)
{
    group_add(&group, null);
}

static void add_an_ended_one(void)
{
    static struct tasklet ended;

    ended.waiter.ended = TASKLET_EXITED;
    group_add(&group, &ended);
}

static void add_a_watched_one(void)
{
    static struct tasklet watched;

    watched.watcher = (uintptr_t)&group;
    group_add(&group, &watched);
}

static void add_to_a_full_one(void)
{
    static struct tasklet t;

    group.alive = UINT16_MAX;
    group_add(&group, &t);
}

static void members(void)
{
    static const char sentence[] = "group_add: NULL, or a tasklet that has ended or is waited for";

    group_init(&group, "group");
    says(sentence, add_to_none);
    says(sentence, add_none);
    says(sentence, add_an_ended_one);
    says(sentence, add_a_watched_one);
    says(sentence, add_to_a_full_one);
}

int main(void)
{
    static const struct suite_case cases[] = {
        CASE(spawns),
        CASE(members),
    };

    SUITE_RUN("shared_assert", cases);
}

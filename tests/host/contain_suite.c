// SPDX-License-Identifier: MIT
//
// Failures that no group can contain, because something that belongs to others was left half-done: each reason
// by itself. The linker puts this file's idea of where the kernel's code lies in place of the host's.
#include "kernel/contain.h"

#include "kernel/group.h"
#include "kernel/tasklet.h"
#include "tests/host/says.h"
#include "tests/kernel/suite.h"

static GROUP(crew, "crew");
static TASKLET_MEMORY(memory, WORKER_STACK + 512);
static struct panic_record record = { .why = "a failure" };
static bool in_kernel;

bool __wrap_arch_is_kernel(uintptr_t pc);

bool __wrap_arch_is_kernel(uintptr_t pc)
{
    (void)pc;
    return in_kernel;
}

static void as_member(void (*fn)(void *))
{
    group_spawn(&crew, "member", fn, NULL, memory, sizeof memory);
    CHECK_IS(group_join(&crew, FOREVER), 0);
}

// True if it can end alone; the mark of it is taken back.
static bool contained(void)
{
    struct tasklet *self = tasklet_self();
    bool result = contain(&record, 0);

    CHECK_IS((self->waiter.flags & TASKLET_FAILED) != 0, result);
    self->waiter.flags &= (uint8_t)~TASKLET_FAILED;
    return result;
}

static void nobodys(void)
{
    CHECK(!contained());
}

static void try_no_switch(void *unused)
{
    (void)unused;
    CHECK(contained());
    no_switch_begin();
    CHECK(!contained());
    no_switch_end();
}

static void between_no_switch(void)
{
    as_member(try_no_switch);
}

// What fails in its clean-up does not begin it again.
static void try_again(void *unused)
{
    struct tasklet *self = tasklet_self();

    (void)unused;
    self->waiter.flags |= TASKLET_FAILED;
    CHECK(!contain(&record, 0));
    self->waiter.flags &= (uint8_t)~TASKLET_FAILED;
}

static void failed_before(void)
{
    as_member(try_again);
}

static void try_overrun(void *unused)
{
    uint32_t *guard = (uint32_t *)tasklet_self()->base + ARCH_GUARD_SIZE / 4, paint = *guard;

    (void)unused;
    *guard = ~paint;
    CHECK(!contained());
    *guard = paint;
}

static void over_its_stack(void)
{
    as_member(try_overrun);
}

static void another(void *unused)
{
    (void)unused;
}

// Half way into a queue, or out of the ring, which has another: seen from each side.
static void try_links(void *unused)
{
    static struct waitq queue = WAITQ_INIT(queue, "queue");
    static struct list elsewhere = LIST_INIT(elsewhere);
    struct tasklet *self = tasklet_self();

    (void)unused;
    worker("another", another, NULL);
    struct list *link = &self->waiter.link, *next = link->next, *prev = link->prev;

    self->queue = &queue;
    CHECK(!contained());
    self->queue = NULL;
    link->next = &elsewhere;
    CHECK(!contained());
    elsewhere.prev = link; // now it is a neighbour on one side
    link->prev = &elsewhere;
    CHECK(!contained());
    link->next = next;
    link->prev = prev;
    CHECK(contained());
}

static void between_queues(void)
{
    as_member(try_links);
}

// A stack that overflows at the first push of one of the kernel's functions found the kernel at rest.
static void try_kernel(void *unused)
{
    (void)unused;
    in_kernel = true;
    CHECK(!contained());
    record.overflow = 1;
    CHECK(contained());
    in_kernel = false;
    CHECK(contained());
    record.overflow = 0;
}

static void in_the_kernel(void)
{
    as_member(try_kernel);
}

// ---- What a panic asks ----

static void fail(void)
{
    panic("contain_suite: a failure of our own");
}

static void fail_in_handler(void)
{
    says("contain_suite: a failure of our own", fail);
}

static void try_interrupt(void *unused)
{
    (void)unused;
    suite_interrupt(fail_in_handler);
}

static void in_an_interrupt(void)
{
    as_member(try_interrupt);
}

static void of_a_tasklet_in_no_group(void)
{
    says("contain_suite: a failure of our own", fail);
}

int main(void)
{
    static const struct suite_case cases[] = {
        CASE(nobodys),         CASE(between_no_switch),        CASE(failed_before),
        CASE(over_its_stack),  CASE(between_queues),           CASE(in_the_kernel),
        CASE(in_an_interrupt), CASE(of_a_tasklet_in_no_group),
    };

    SUITE_RUN("contain", cases);
}

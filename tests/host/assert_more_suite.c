// SPDX-License-Identifier: MIT
//
// Every sentence that an assertion of pools, pollers and streams can say, and that of a stack without a guard.
#include <string.h>

#include "boards/board.h"
#include "io/uart.h"
#include "kernel/pool.h"
#include "kernel/tasklet_pool.h"
#include "tests/host/says.h"
#include "tests/kernel/suite.h"

// Volatile, so that the compiler does not see what we are up to.
static void *volatile null;

static int element;
static uint64_t blocks[4];
static struct pool pool;

static void nothing(void *unused)
{
    (void)unused;
}

// ---- Pools, pollers, streams ----

static void pool_nowhere(void)
{
    pool_init(&pool, "pool", null, sizeof blocks[0], 4);
}

static void pool_of_crumbs(void)
{
    pool_init(&pool, "pool", blocks, 0, 4);
}

static void pool_of_odd_sizes(void)
{
    pool_init(&pool, "pool", blocks, sizeof(void *) + 1, 4);
}

static void pool_of_too_many(void)
{
    pool_init(&pool, "pool", blocks, sizeof blocks[0], UINT16_MAX + 1u);
}

static void alloc_from_none(void)
{
    pool_alloc(null);
}

static void free_behind_the_last(void)
{
    pool_free(&pool, blocks + 4);
}

static void free_the_middle(void)
{
    pool_free(&pool, (char *)blocks + 1);
}

static void free_the_first(void)
{
    pool_free(&pool, blocks);
}

static void pools(void)
{
    static const char range[] = "pool_init: memory, size or count out of range";
    static const char block[] = "pool_free: not a block of this pool";

    says(range, pool_nowhere);
    says(range, pool_of_crumbs);
    says(range, pool_of_odd_sizes);
    says(range, pool_of_too_many);
    says("pool_alloc: the pool is NULL", alloc_from_none);
    pool_init(&pool, "pool", blocks, sizeof blocks[0], UINT16_MAX);
    CHECK_IS(pool.count, UINT16_MAX);
    pool_init(&pool, "pool", blocks, sizeof blocks[0], 4);
    says(block, free_the_first);
    CHECK(pool_alloc(&pool) == blocks);
    says(block, free_behind_the_last);
    says(block, free_the_middle);
    pool_free(&pool, blocks);
    says(block, free_the_first);
}

static struct tasklet_pool no_pieces;

static void spawn_in_no_pool(void)
{
    tasklet_pool_spawn(null, "none", nothing, NULL, FOREVER);
}

static void spawn_in_pool(void)
{
    tasklet_pool_spawn(&no_pieces, "none", nothing, NULL, FOREVER);
}

static void pool_from_a_poller(void)
{
    says("tasklet_pool_spawn: no pool, or not in a tasklet", spawn_in_pool);
}

static void tasklet_pools(void)
{
    says("tasklet_pool_spawn: no pool, or not in a tasklet", spawn_in_no_pool);
    in_poll(pool_from_a_poller);
}

static struct poller *last_polled;

static void polled(struct poller *p)
{
    last_polled = p;
}

static struct poller pollers[SCHED_POLLERS];

static void register_twice(void)
{
    poller_register(&pollers[0]);
}

static void register_one_more(void)
{
    poller_register(&pollers[SCHED_POLLERS - 1]);
}

// The first that was registered is kicked by another, which then kicks itself.
static bool first_polled;
static int kicks;

static void poll_first(struct poller *unused)
{
    (void)unused;
    first_polled = true;
}

static struct poller first = { .poll = poll_first, .index = 1 };

static void kick_first(struct poller *p)
{
    if (kicks-- > 0) {
        poller_kick(&first);
        poller_kick(p);
    }
}

static void check_first(struct poller *hinted)
{
    struct poller *instead_of = sched.pollers[1];

    sched.pollers[1] = &first;
    kicks = 1;
    pollers[0].poll = kick_first;
    poller_kick(&pollers[0]);
    poller_kick(hinted);
    for (int i = 0; i < 3; i++) {
        tasklet_yield();
    }
    sched.pollers[1] = instead_of;
    CHECK(first_polled);
}

static void register_pollers(void)
{
    for (int i = 0; i < SCHED_POLLERS; i++) {
        pollers[i].poll = polled;
    }
    poller_register(&pollers[0]);
    says("poller_register: registered twice", register_twice);
    int last = 0;

    while (sched.poller_count < SCHED_POLLERS - 1) {
        poller_register(&pollers[++last]);
    }
    tasklet_yield();
    poller_kick(&pollers[last]);
    poller_kick(&pollers[0]);
    tasklet_yield(); // the first by the hint, the last by its byte
    CHECK(last_polled == &pollers[last]);
    check_first(&pollers[last]);
    says("poller_register: too many, see SCHED_POLLERS", register_one_more);
}

static struct stream serial;

static void read_from_none(void)
{
    io_read(null, &element, 1, FOREVER);
}

static void read_into_none(void)
{
    io_read(&serial, null, 1, FOREVER);
}

static void read_nothing(void)
{
    io_read(&serial, &element, 0, FOREVER);
}

static void write_to_none(void)
{
    io_write(null, &element, 1, FOREVER);
}

static void write_from_none(void)
{
    io_write(&serial, null, 1, FOREVER);
}

static void line_without_room(void)
{
    io_read_line(&serial, (char *)&element, 0, FOREVER);
}

static void read_no_port(void)
{
    uart_read(null, &element, 1, FOREVER);
}

static void write_no_port(void)
{
    uart_write(null, &element, 1, FOREVER);
}

static void flush_no_port(void)
{
    uart_flush(null, FOREVER);
}

static void streams(void)
{
    serial = uart_stream(board_uarts[0]);
    says("io_read: no stream, or no buffer", read_from_none);
    says("io_read: no stream, or no buffer", read_into_none);
    says("io_read: no stream, or no buffer", read_nothing);
    says("io_write: no stream, or no buffer", write_to_none);
    says("io_write: no stream, or no buffer", write_from_none);
    says("io_read_line: no room for the NUL", line_without_room);
    says("uart_read: the port is NULL", read_no_port);
    says("uart_write: the port is NULL", write_no_port);
    says("uart_flush: the port is NULL", flush_no_port);
    CHECK_IS(io_write(&serial, NULL, 0, NOWAIT), 0);
}

// Without hardware the lowest word of a stack is its guard, and no other.
static void use_all_but_the_guard(void *unused)
{
    uint32_t *words = (uint32_t *)tasklet_self()->base + ARCH_GUARD_SIZE / 4;

    (void)unused;
    words[1] = 0;
    tasklet_yield();
    uint32_t paint = words[0];

    words[0] = ~paint;
    says("stack overflow: the painted word below the stack was overwritten", tasklet_yield);
    no_switch_end(); // nobody would go on after this one
    words[0] = paint;
    tasklet_yield();
}

static void painted_words(void)
{
    worker_join(worker("worker", use_all_but_the_guard, NULL));
}

int main(void)
{
    static const struct suite_case cases[] = {
        CASE(pools),         CASE(tasklet_pools), CASE(streams), CASE(register_pollers),
        CASE(painted_words),
    };

    SUITE_RUN("assert_more", cases);
}

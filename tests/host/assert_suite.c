// SPDX-License-Identifier: MIT
//
// Every sentence that an assertion can say, part by part. A process may leave a panic by longjmp(), so that
// one run tries them all; tests/kernel/misuse.c does the same on boards for a few, one a run. What would leave
// the kernel half way through a switch is there only.
#include <setjmp.h>
#include <string.h>

#include "boards/board.h"
#include "io/printf.h"
#include "io/uart.h"
#include "kernel/mutex.h"
#include "kernel/oneshot.h"
#include "kernel/panic.h"
#include "kernel/poll_stack.h"
#include "kernel/pool.h"
#include "kernel/select.h"
#include "kernel/semaphore.h"
#include "kernel/signal.h"
#include "kernel/tasklet_pool.h"
#include "tests/kernel/suite.h"

// Volatile, so that the compiler does not see what we are up to.
static void *volatile null;

static jmp_buf before;
static const char *said;

static CHAN(chan, int, 0);
static CHAN(buffered, int, 1);
static int element;
static uint64_t blocks[4];
static struct pool pool;
static struct mutex mutex = MUTEX_INIT(mutex, "mutex");
static struct oneshot oneshot = ONESHOT_INIT(oneshot, "oneshot");
static struct selector selector;
static TASKLET_MEMORY(memory, 0);

static void caught(const struct panic_record *r)
{
    said = r->why;
    longjmp(before, 1);
}

// fn panics with the sentence. May be called in any context.
static void says(const char *sentence, void (*fn)(void))
{
    void (*putc_before)(char) = panic_putc;

    said = "nothing";
    panic_hook = caught;
    panic_putc = NULL;
    if (setjmp(before) == 0) {
        fn();
    }
    panic_hook = NULL;
    panic_putc = putc_before;
    CHECK(strcmp(said, sentence) == 0);
    if (strcmp(said, sentence) != 0) {
        uart_printf(board_uarts[0], "  says  %s\r\n  not   %s\r\n", said, sentence);
    }
}

static void nothing(void *unused)
{
    (void)unused;
}

static void (*in_poll_fn)(void);

static void fire(struct timer *unused)
{
    (void)unused;
    in_poll_fn();
}

static void in_poll(void (*fn)(void))
{
    static struct timer timer = TIMER_INIT(fire);

    in_poll_fn = fn;
    timer_arm(&timer, NOWAIT);
    sleep_ms(1);
}

// ---- Tasklets ----

static void spawn_no_function(void)
{
    tasklet_spawn("none", (void (*)(void *))(uintptr_t)null, NULL, memory, sizeof memory);
}

static void spawn_nowhere(void)
{
    tasklet_spawn("none", nothing, NULL, null, sizeof memory);
}

static void spawn_in_little(void)
{
    tasklet_spawn("none", nothing, NULL, memory, TASKLET_MEMORY_MIN - TASKLET_ALIGN - 1);
}

static void spawn_beyond_all_memory(void)
{
    tasklet_spawn("none", nothing, NULL, memory, SIZE_MAX);
}

static void spawn(void)
{
    tasklet_spawn("none", nothing, NULL, memory, sizeof memory);
}

static void spawn_in_interrupt(void)
{
    says("tasklet_spawn: called from an interrupt", spawn);
}

static void join_none(void)
{
    tasklet_join(null, FOREVER);
}

static void cancel_none(void)
{
    tasklet_cancel(null);
}

static void priority_of_none(void)
{
    tasklet_set_priority(null, PRIORITY_LOW);
}

static void is_cancelled(void)
{
    tasklet_cancelled();
}

static void leave(void)
{
    tasklet_exit(0);
}

static void shield_deeper_and_deeper(void)
{
    for (int i = 0; i <= UINT8_MAX; i++) {
        tasklet_shield();
    }
}

static void tasklets_from_a_poller(void)
{
    says("tasklet_cancelled: not in a tasklet", is_cancelled);
    says("tasklet_exit: not in a tasklet", leave);
    says("tasklet_shield: no tasklet, or too deep", tasklet_shield);
    says("tasklet_unshield: without tasklet_shield", tasklet_unshield);
    says("tasklet_yield: not in a tasklet", tasklet_yield);
}

static void tasklets(void)
{
    says("tasklet_spawn: NULL function", spawn_no_function);
    says("tasklet_spawn: NULL memory", spawn_nowhere);
    says("tasklet_spawn: less memory than TASKLET_MEMORY_MIN", spawn_in_little);
    says("tasklet_spawn: less memory than TASKLET_MEMORY_MIN", spawn_beyond_all_memory);
    says("tasklet_join: NULL", join_none);
    says("tasklet_cancel: NULL", cancel_none);
    says("tasklet_set_priority: NULL", priority_of_none);
    says("tasklet_unshield: without tasklet_shield", tasklet_unshield);
    says("tasklet_shield: no tasklet, or too deep", shield_deeper_and_deeper);
    for (int i = 0; i < UINT8_MAX; i++) {
        tasklet_unshield();
    }
    suite_interrupt(spawn_in_interrupt);
    in_poll(tasklets_from_a_poller);
}

// ---- Waits ----

static struct waitq queue = WAITQ_INIT(queue, "queue");

static void wait_in_queue(void)
{
    wait_on(&queue, "assert", FOREVER);
}

static void wait_in_none(void)
{
    wait_alone("assert", FOREVER);
}

static void wait_in_any(void)
{
    wait_any(&selector.set, "assert", FOREVER);
}

static void wait_in_interrupt(void)
{
    says("a call that waits was made from an interrupt", wait_in_queue);
}

static void wait_in_poll(void)
{
    says("a call that waits was made outside of a tasklet", wait_in_queue);
    says("a call that waits was made outside of a tasklet", wait_in_none);
    says("a call that waits was made outside of a tasklet", wait_in_any);
}

static void end_again(void)
{
    wait_end(&tasklet_self()->waiter, 0);
}

static intptr_t same(void *arg)
{
    return (intptr_t)arg;
}

static void call_deep(void)
{
    on_poll_stack(same, NULL);
}

static void call_deep_in_interrupt(void)
{
    says("on_poll_stack: called from an interrupt", call_deep);
}

static void read_time(void)
{
    time_now();
}

static void read_time_in_interrupt(void)
{
    says("time_now: called from an interrupt", read_time);
}

static void waits(void)
{
    suite_interrupt(wait_in_interrupt);
    in_poll(wait_in_poll);
    says("wait_end: the wait is over already", end_again);
    suite_interrupt(call_deep_in_interrupt);
    suite_interrupt(read_time_in_interrupt);
}

static void nothing_at_time(struct timer *unused)
{
    (void)unused;
}

static struct timer armed = TIMER_INIT(nothing_at_time);

static void arm(void)
{
    timer_arm(&armed, after_ms(1));
}

static void timers(void)
{
    arm();
    says("timer_arm: the timer is armed already", arm);
    timer_cancel(&armed);
}

// ---- Channels and select ----

static void send_to_none(void)
{
    chan_send(null, &element, FOREVER);
}

static void send_nothing(void)
{
    chan_send(&chan, null, FOREVER);
}

static void send(void)
{
    chan_send(&chan, &element, FOREVER);
}

static void receive_from_none(void)
{
    chan_recv(null, &element, FOREVER);
}

static void receive_into_none(void)
{
    chan_recv(&chan, null, FOREVER);
}

static void receive(void)
{
    chan_recv(&chan, &element, FOREVER);
}

static void close_none(void)
{
    chan_close(null);
}

static void too_many_slots(void)
{
    chan_init(&buffered, "chan", &element, UINT16_MAX + 1u, sizeof element);
}

static void elements_of_no_size(void)
{
    chan_init(&buffered, "chan", &element, 1, 0);
}

static void elements_too_large(void)
{
    chan_init(&buffered, "chan", &element, 1, UINT16_MAX + 1u);
}

static void no_buffer(void)
{
    chan_init(&buffered, "chan", null, 1, sizeof element);
}

static void channels_from_a_poller(void)
{
    says("chan_send: in poll context only with NOWAIT", send);
    says("chan_recv: in poll context only with NOWAIT", receive);
}

static void channels(void)
{
    says("chan_send: NULL channel or element", send_to_none);
    says("chan_send: NULL channel or element", send_nothing);
    says("chan_recv: NULL channel or element", receive_from_none);
    says("chan_recv: NULL channel or element", receive_into_none);
    says("chan_close: the channel is NULL", close_none);
    says("chan_init: capacity or size out of range", too_many_slots);
    says("chan_init: capacity or size out of range", elements_of_no_size);
    says("chan_init: capacity or size out of range", elements_too_large);
    says("chan_init: no buffer", no_buffer);
    in_poll(channels_from_a_poller);

    chan_init(&chan, "chan", NULL, 0, sizeof element);
    chan_init(&buffered, "chan", blocks, UINT16_MAX, UINT16_MAX);
    CHECK_IS(buffered.capacity, UINT16_MAX);
    CHECK_IS(buffered.size, UINT16_MAX);
    chan_init(&buffered, "chan", blocks, 1, 1);
}

static void select_of_none(void)
{
    chan_select(null, 1, FOREVER);
}

static void select_with_none(void)
{
    struct select_case cases[] = { SELECT_RECV(&chan, &element) };

    chan_select_with(null, cases, 1, FOREVER);
}

static void select_with_no_cases(void)
{
    chan_select_with(&selector, null, 1, FOREVER);
}

static void selects(void)
{
    says("chan_select: NULL", select_of_none);
    says("chan_select: NULL", select_with_none);
    says("chan_select: NULL", select_with_no_cases);
}

// ---- Locks and signals ----

static void lock_none(void)
{
    mutex_lock(null, FOREVER);
}

static void lock(void)
{
    mutex_lock(&mutex, FOREVER);
}

static void lock_in_poll(void)
{
    says("mutex_lock: not in a tasklet", lock);
}

static void unlock_none(void)
{
    mutex_unlock(null);
}

static void unlock(void)
{
    mutex_unlock(&mutex);
}

static void unlock_in_poll(void)
{
    says("mutex_unlock: the caller does not have it", unlock);
}

static void lock_for_ever(void *unused)
{
    (void)unused;
    lock();
}

static void locks(void)
{
    says("mutex_lock: the mutex is NULL", lock_none);
    says("mutex_unlock: the caller does not have it", unlock_none);
    says("mutex_unlock: the caller does not have it", unlock);
    in_poll(lock_in_poll);
    in_poll(unlock_in_poll);
    worker_join(worker("owner", lock_for_ever, NULL));
    says("mutex_unlock: the caller does not have it", unlock);
}

static struct semaphore sem = SEMAPHORE_INIT(sem, "sem", UINT32_MAX - 1);

static void take_from_none(void)
{
    semaphore_take(null, FOREVER);
}

static void give_to_none(void)
{
    semaphore_give(null);
}

static void give(void)
{
    semaphore_give(&sem);
}

static void semaphores(void)
{
    says("semaphore_take: the semaphore is NULL", take_from_none);
    says("semaphore_give: the semaphore is NULL", give_to_none);
    give();
    says("semaphore_give: the count overflows", give);
}

static void fire_none(void)
{
    oneshot_fire(null, 0);
}

static void wait_for_none(void)
{
    intptr_t value;

    oneshot_wait(null, &value, FOREVER);
}

static void wait_for_nothing(void)
{
    oneshot_wait(&oneshot, null, FOREVER);
}

static void wait_for_no_signal(void)
{
    signal_wait(null, FOREVER);
}

static void oneshots_and_signals(void)
{
    says("oneshot_fire: NULL", fire_none);
    says("oneshot_wait: NULL", wait_for_none);
    says("oneshot_wait: NULL", wait_for_nothing);
    says("signal_wait: the signal is NULL", wait_for_no_signal);
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
    uint32_t *words = tasklet_self()->base;

    (void)unused;
    words[1] = 0;
    tasklet_yield();
    uint32_t paint = words[0];

    words[0] = ~paint;
    says("stack overflow: the painted word below the stack was overwritten", tasklet_yield);
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
        CASE(tasklets),      CASE(waits),         CASE(timers),     CASE(channels),
        CASE(selects),       CASE(locks),         CASE(semaphores), CASE(oneshots_and_signals),
        CASE(pools),         CASE(tasklet_pools), CASE(streams),    CASE(register_pollers),
        CASE(painted_words),
    };

    SUITE_RUN("assert", cases);
}

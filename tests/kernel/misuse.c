// SPDX-License-Identifier: MIT
//
// Misuse on demand: reads a number from the console, does that misuse, and must end in a panic with
// the sentence that misuse.txt names; panic_hook makes it exit code 42. If nothing is noticed, it
// says so and exits with 1. misuse.txt has a line per number: the number, a part of the sentence,
// and where it applies (all; fault: all but sanitized builds, which explain faults themselves; protect:
// of these where memory is protected, which it is not on Armv6-M).
//
//     1..16    tasklets, contexts           40..59   memory, devices, panics
//     17..39   channels, timers, locks      60..     stack overflow and faults
#include <errno.h>
#include <stdlib.h>

#include "boards/board.h"
#include "io/printf.h"
#include "io/uart.h"
#include "kernel/arch.h"
#include "kernel/mutex.h"
#include "kernel/oneshot.h"
#include "kernel/panic.h"
#include "kernel/poll_stack.h"
#include "kernel/pool.h"
#include "kernel/select.h"
#include "kernel/semaphore.h"
#include "kernel/service.h"
#include "kernel/signal.h"
#include "kernel/tasklet.h"

// Volatile, so that the compiler does not see what we are up to.
static void *volatile null;

enum { BELOW = 640 }; // where an overflow goes that no guard stops
static TASKLET_MEMORY(memory, BELOW + 256);

static CHAN(chan, int, 0);
static struct mutex mutex = MUTEX_INIT(mutex, "mutex");
static struct semaphore sem = SEMAPHORE_INIT(sem, "sem", UINT32_MAX);
static struct waitq queue = WAITQ_INIT(queue, "queue");
static POOL(pool, uint64_t, 1);
static SERVICE(service, int, int);
static struct call call;
static int element;

static void (*volatile in_context)(void);

void software_interrupt(void)
{
    in_context();
}

static void in_interrupt(void (*fn)(void))
{
    in_context = fn;
    arch_trigger();
}

static void fire(struct timer *unused)
{
    (void)unused;
    in_context();
}

static void in_poll(void (*fn)(void))
{
    static struct timer timer = TIMER_INIT(fire);

    in_context = fn;
    timer_arm(&timer, NOWAIT);
    sleep_ms(50);
}

static struct tasklet *spawn(void (*fn)(void *))
{
    struct tasklet *t = tasklet_spawn("worker", fn, NULL, memory, sizeof memory);

    tasklet_yield();
    return t;
}

// ---- Tasklets, contexts ----

static void nothing(void *unused)
{
    (void)unused;
}

static void little_memory(void)
{
    tasklet_spawn("small", nothing, NULL, memory, TASKLET_MEMORY_MIN - TASKLET_ALIGN - 1);
}

static void no_function(void)
{
    tasklet_spawn("none", (void (*)(void *))(uintptr_t)null, NULL, memory, sizeof memory);
}

static void no_memory(void)
{
    tasklet_spawn("none", nothing, NULL, null, sizeof memory);
}

static void join_null(void)
{
    tasklet_join(null, FOREVER);
}

static void cancel_null(void)
{
    tasklet_cancel(null);
}

static void priority_null(void)
{
    tasklet_set_priority(null, PRIORITY_LOW);
}

static void spawn_it(void)
{
    tasklet_spawn("worker", nothing, NULL, memory, sizeof memory);
}

static void spawn_in_interrupt(void)
{
    in_interrupt(spawn_it);
}

static void sleep_for_ever(void)
{
    sleep_until(FOREVER);
}

static void wait_in_poll(void)
{
    in_poll(sleep_for_ever);
}

static void wait_in_interrupt(void)
{
    in_interrupt(sleep_for_ever);
}

static void yield_in_poll(void)
{
    in_poll(tasklet_yield);
}

static void leave(void)
{
    tasklet_exit(0);
}

static void exit_in_poll(void)
{
    in_poll(leave);
}

static void read_time(void)
{
    time_now();
}

static void wait_where_nobody_may(void)
{
    no_switch_begin();
    sleep_ms(1);
}

static void yield_where_nobody_may(void)
{
    no_switch_begin();
    no_switch_begin();
    no_switch_end();
    tasklet_yield();
}

static intptr_t wait_a_moment(void *unused)
{
    (void)unused;
    return sleep_ms(1);
}

static void wait_on_the_poll_stack(void)
{
    on_poll_stack(wait_a_moment, NULL);
}

static void time_in_interrupt(void)
{
    in_interrupt(read_time);
}

// ---- Timers, channels, locks ----

static void nothing_at_time(struct timer *unused)
{
    (void)unused;
}

static void armed_twice(void)
{
    static struct timer timer = TIMER_INIT(nothing_at_time);

    timer_arm(&timer, after_ms(1000));
    timer_arm(&timer, after_ms(2000));
}

static void send_to_null(void)
{
    chan_send(null, &element, FOREVER);
}

static void receive_into_null(void)
{
    chan_recv(&chan, null, FOREVER);
}

static void no_buffer(void)
{
    chan_init(&chan, "chan", null, 1, sizeof element);
}

static void close_null(void)
{
    chan_close(null);
}

static void send_forever(void)
{
    chan_send(&chan, &element, FOREVER);
}

static void send_in_poll(void)
{
    in_poll(send_forever);
}

static void receive_forever(void)
{
    chan_recv(&chan, &element, FOREVER);
}

static void receive_in_poll(void)
{
    in_poll(receive_forever);
}

static void send_other_type(void)
{
    char letter = 'a';

    CHAN_SEND(&chan, &letter, FOREVER);
}

static void receive_other_type(void)
{
    uint64_t number;

    CHAN_RECV(&chan, &number, FOREVER);
}

static void element_of_no_size(void)
{
    static struct chan c;

    chan_init(&c, "c", NULL, 0, 0);
}

static void select_forever(void)
{
    struct select_case cases[] = { SELECT_RECV(&chan, &element) };

    chan_select(cases, 1, FOREVER);
}

static void select_in_poll(void)
{
    in_poll(select_forever);
}

static void select_null(void)
{
    chan_select(null, 1, FOREVER);
}

static void unlock(void)
{
    mutex_unlock(&mutex);
}

static void lock_it(void *unused)
{
    (void)unused;
    mutex_lock(&mutex, FOREVER);
}

static void unlock_anothers(void)
{
    spawn(lock_it);
    mutex_unlock(&mutex);
}

static void lock(void)
{
    mutex_lock(&mutex, FOREVER);
}

static void lock_in_poll(void)
{
    in_poll(lock);
}

static void too_many_units(void)
{
    semaphore_give(&sem);
}

static void fire_null(void)
{
    oneshot_fire(null, 0);
}

static void signal_null(void)
{
    signal_wait(null, FOREVER);
}

static void wait_in_queue(void *unused)
{
    (void)unused;
    wait_on(&queue, "misuse", FOREVER);
}

static void ended_twice(void)
{
    struct tasklet *t = spawn(wait_in_queue);

    wait_end(&t->waiter, 0);
    wait_end(&t->waiter, 0);
}

static void call_no_service(void)
{
    service_call(null, &element, &element, FOREVER);
}

static void call_service(void)
{
    service_call(&service, &element, &element, FOREVER);
}

static void call_in_poll(void)
{
    in_poll(call_service);
}

static void ask(void *unused)
{
    (void)unused;
    call_service();
}

// The one before is not answered yet.
static void received_twice(void)
{
    spawn(ask);
    service_recv(&service, &element, &call, NOWAIT);
    service_recv(&service, &element, &call, NOWAIT);
}

static void refused_with_success(void)
{
    service_refuse(&call, 0);
}

static void unshielded(void)
{
    tasklet_unshield();
}

// ---- Memory, devices, panics ----

static void foreign_block(void)
{
    pool_alloc(&pool);
    pool_free(&pool, memory);
}

static void inside_a_block(void)
{
    pool_free(&pool, (char *)pool_alloc(&pool) + 4);
}

static void free_block(void)
{
    pool_free(&pool, pool.blocks);
}

static void wait_for_block(void)
{
    void *block;

    pool_wait(&pool, &block, FOREVER);
}

static void block_in_poll(void)
{
    pool_alloc(&pool);
    in_poll(wait_for_block);
}

static void polled(struct poller *unused)
{
    (void)unused;
}

static void poller_twice(void)
{
    static struct poller poller = POLLER_INIT(polled);

    poller_register(&poller);
    poller_register(&poller);
}

static void too_many_pollers(void)
{
    static struct poller pollers[SCHED_POLLERS];

    for (int i = 0; i < SCHED_POLLERS; i++) {
        pollers[i].poll = polled;
        poller_register(&pollers[i]);
    }
}

static void read_nothing(void)
{
    uart_read(board_uarts[0], &element, 0, FOREVER);
}

static void read_from_null(void)
{
    uart_read(null, &element, 1, FOREVER);
}

static void line_without_room(void)
{
    struct stream s = uart_stream(board_uarts[0]);

    io_read_line(&s, (char *)&element, 0, FOREVER);
}

static void plain_panic(void)
{
    panic("misuse: a panic of our own");
}

static void panic_in_poll(void)
{
    in_poll(plain_panic);
}

static void panic_in_interrupt(void)
{
    in_interrupt(plain_panic);
}

// ---- Stack overflow, faults ----

static uintptr_t left_of_stack(volatile void *frame)
{
    return (uintptr_t)frame - (uintptr_t)tasklet_self()->base;
}

// Reaches over the low end for certain, from above it.
static void __attribute__((noinline)) go_over(void)
{
    volatile unsigned char frame[512];

    for (size_t i = sizeof frame; i-- > 0;) {
        frame[i] = (unsigned char)i;
    }
}

static void recurse(int depth);
static void (*volatile recurse_again)(int) = recurse;

static void recurse(int depth)
{
    volatile int frame[2] = { depth, depth };

    if (left_of_stack(frame) > 300) {
        recurse_again(depth + 1);
    } else {
        go_over();
    }
    frame[0] = 0;
}

static void overflow(void *unused)
{
    (void)unused;
    recurse(0);
    tasklet_yield();
}

static void overflow_a_stack(void)
{
    tasklet_spawn("worker", overflow, NULL, memory + BELOW, sizeof memory - BELOW);
    tasklet_yield();
}

static void call_null(void)
{
    void (*fn)(void) = (void (*)(void))(uintptr_t)null;

    fn();
}

static void read_null(void)
{
    element = *(volatile int *)null;
}

static void write_null_member(void)
{
    ((volatile struct tasklet *)null)->name = "nobody";
}

// Data that is called: a return, if it were executed.
static void call_data(void)
{
    static uint32_t data[2] = {
#ifdef __riscv
        0x00008067,
#else
        0x47704770,
#endif
    };
    uintptr_t address = (uintptr_t)data;
#ifdef __thumb__
    address |= 1;
#endif
    void (*volatile fn)(void) = (void (*)(void))address;

    fn();
}

static void call_null_in_poll(void)
{
    in_poll(call_null);
}

static void call_null_in_interrupt(void)
{
    in_interrupt(call_null);
}

static const struct {
    int number;
    void (*fn)(void);
} misuses[] = {
    { 1, little_memory },
    { 2, no_function },
    { 3, no_memory },
    { 4, join_null },
    { 5, cancel_null },
    { 6, priority_null },
    { 7, unshielded },
    { 8, spawn_in_interrupt },
    { 9, wait_in_poll },
    { 10, wait_in_interrupt },
    { 11, yield_in_poll },
    { 12, exit_in_poll },
    { 13, time_in_interrupt },
    { 14, wait_where_nobody_may },
    { 15, yield_where_nobody_may },
    { 16, wait_on_the_poll_stack },
    { 17, send_other_type },
    { 18, receive_other_type },
    { 19, element_of_no_size },
    { 20, armed_twice },
    { 21, send_to_null },
    { 22, receive_into_null },
    { 23, no_buffer },
    { 24, close_null },
    { 25, send_in_poll },
    { 26, receive_in_poll },
    { 27, select_in_poll },
    { 28, select_null },
    { 29, unlock },
    { 30, unlock_anothers },
    { 31, lock_in_poll },
    { 32, too_many_units },
    { 33, fire_null },
    { 34, signal_null },
    { 35, ended_twice },
    { 36, call_no_service },
    { 37, call_in_poll },
    { 38, received_twice },
    { 39, refused_with_success },
    { 40, foreign_block },
    { 41, inside_a_block },
    { 42, free_block },
    { 43, block_in_poll },
    { 44, poller_twice },
    { 45, too_many_pollers },
    { 46, read_nothing },
    { 47, read_from_null },
    { 48, line_without_room },
    { 49, plain_panic },
    { 50, panic_in_poll },
    { 51, panic_in_interrupt },
    { 60, overflow_a_stack },
    { 61, call_null },
    { 62, call_null_in_poll },
    { 63, call_null_in_interrupt },
    { 64, read_null },
    { 65, write_null_member },
    { 66, call_data },
};

static void end(const struct panic_record *unused)
{
    (void)unused;
    arch_exit(42);
}

int main(void)
{
    struct uart *console = board_uarts[0];
    struct stream s = uart_stream(console);
    char line[8];

    panic_hook = end;
    uart_printf(console, "misuse?\r\n");
    io_read_line(&s, line, sizeof line, FOREVER);
    for (size_t i = 0; i < sizeof misuses / sizeof misuses[0]; i++) {
        if (misuses[i].number == atoi(line)) {
            misuses[i].fn();
        }
    }
    uart_printf(console, "misuse %s: nothing noticed\r\n", line);
    uart_flush(console, FOREVER);
    arch_exit(1);
}

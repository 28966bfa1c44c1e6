// SPDX-License-Identifier: MIT
//
// Every sentence that an assertion can say, part by part. A process may leave a panic by longjmp(), so that
// one run tries them all; tests/kernel/misuse.c does the same on boards for a few, one a run. What would leave
// the kernel half way through a switch is there only.
#include "kernel/mutex.h"
#include "kernel/oneshot.h"
#include "kernel/panic.h"
#include "kernel/poll_stack.h"
#include "kernel/select.h"
#include "kernel/semaphore.h"
#include "kernel/signal.h"
#include "tests/host/says.h"
#include "tests/kernel/suite.h"

// Volatile, so that the compiler does not see what we are up to.
static void *volatile null;

static CHAN(chan, int, 0);
static CHAN(buffered, int, 1);
static int element;
static uint64_t blocks[4];
static struct mutex mutex = MUTEX_INIT(mutex, "mutex");
static struct oneshot oneshot = ONESHOT_INIT(oneshot, "oneshot");
static struct selector selector;
static TASKLET_MEMORY(memory, 0);

static void nothing(void *unused)
{
    (void)unused;
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
    lock();
    unlock();
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

int main(void)
{
    static const struct suite_case cases[] = {
        CASE(tasklets), CASE(waits), CASE(timers),     CASE(channels),
        CASE(selects),  CASE(locks), CASE(semaphores), CASE(oneshots_and_signals),
    };

    SUITE_RUN("assert", cases);
}

// SPDX-License-Identifier: MIT
//
// What the kernel's operations cost, in instructions. Each row is sampled 200 times after a few
// rounds of warming up; the least and the median are printed, which are the same where nothing
// interferes. The cost of the two stamps themselves is subtracted.
//
//     bench NAME MIN MEDIAN
#include <stdlib.h>
#include <string.h>

#include "boards/board.h"
#include "io/printf.h"
#include "kernel/chan.h"
#include "kernel/mutex.h"
#include "kernel/semaphore.h"
#include "kernel/signal.h"
#include "kernel/tasklet.h"
#include "tests/bench/stamp.h"

enum { SAMPLES = 200, WARM_UP = 8, CROWD = 1000, CROWD_STACK = 192 };

static uint32_t samples[SAMPLES];
static unsigned taken; // negative while warming up, as it were
static uint32_t overhead,
    lap_overhead; // of two stamps: in one function; from one tasklet to another
static volatile uint32_t begun;

static void sample_less(uint32_t from, uint32_t to, uint32_t less)
{
    if (taken >= WARM_UP && taken < WARM_UP + SAMPLES) {
        samples[taken - WARM_UP] = instructions(from, to) - less;
    }
    taken++;
}

static void sample(uint32_t from, uint32_t to)
{
    sample_less(from, to, overhead);
}

// From the stamp in `begun`, of another tasklet or of an interrupt, to now.
static inline void lap(void)
{
    uint32_t now = stamp();

    sample_less(begun, now, lap_overhead);
}

static bool enough(void)
{
    return taken >= WARM_UP + SAMPLES;
}

static void sort(void)
{
    for (unsigned i = 1; i < SAMPLES; i++) {
        uint32_t v = samples[i];
        unsigned j = i;

        for (; j > 0 && samples[j - 1] > v; j--) {
            samples[j] = samples[j - 1];
        }
        samples[j] = v;
    }
}

static void report(const char *name)
{
    sort();
    uart_printf(board_uarts[0], "bench %s %u %u\r\n", name, (unsigned)samples[0],
                (unsigned)samples[SAMPLES / 2]);
    uart_flush(board_uarts[0], FOREVER);
    taken = 0;
}

// ---- The crowd: up to a thousand tasklets ----

static unsigned char crowd_memory[CROWD][(TASKLET_MEMORY_MIN + CROWD_STACK + 31) / 32 * 32]
    __attribute__((aligned(32)));
static struct tasklet *crowd[CROWD];
static volatile bool crowd_ends;

static void start_crowd(unsigned n, void (*fn)(void *), void *arg)
{
    crowd_ends = false;
    for (unsigned i = 0; i < n; i++) {
        crowd[i] = tasklet_spawn("crowd", fn, arg, crowd_memory[i], sizeof crowd_memory[i]);
    }
}

static void end_crowd(unsigned n)
{
    crowd_ends = true;
    for (unsigned i = 0; i < n; i++) {
        tasklet_join(crowd[i], FOREVER);
    }
}

// One yield: from the stamp before it in one tasklet to the stamp after its own in the next. All
// stamp, so a round of n yields is n samples.
static void yield_stamper(void *unused)
{
    (void)unused;
    while (!crowd_ends) {
        begun = stamp();
        tasklet_yield();
        lap();
    }
}

static void bench_yield(unsigned n, const char *name)
{
    start_crowd(n - 1, yield_stamper, NULL);
    while (!enough()) {
        begun = stamp();
        tasklet_yield();
        lap();
    }
    end_crowd(n - 1);
    report(name);
}

// ---- Semaphores, channels ----

static struct semaphore sem = SEMAPHORE_INIT(sem, "sem", 0);
static struct semaphore back = SEMAPHORE_INIT(back, "back", 0);

static void sem_receiver(void *unused)
{
    (void)unused;
    while (!crowd_ends) {
        semaphore_take(&sem, FOREVER);
        lap();
        semaphore_give(&back);
    }
}

// One way: from the give to the return of the take in the other tasklet, which had to wait.
static void bench_semaphore(void)
{
    start_crowd(1, sem_receiver, NULL);
    tasklet_yield();
    while (!enough()) {
        begun = stamp();
        semaphore_give(&sem);
        semaphore_take(&back, FOREVER);
    }
    crowd_ends = true;
    semaphore_give(&sem);
    end_crowd(1);
    semaphore_take(&back, NOWAIT);
    report("semaphore_one_way");
}

struct big {
    uint32_t words[16];
};
static CHAN(small_chan, uint32_t, 0);
static CHAN(small_queue, uint32_t, 1);
static CHAN(big_chan, struct big, 0);
static deadline_t limit;

static void chan_receiver(void *arg)
{
    struct big elem;

    while (chan_recv(arg, &elem, limit) == 0) {
        lap();
    }
}

// One way, the receiver waiting: from the send to the return of the receive.
static void bench_chan(struct chan *c, bool finite, const char *name)
{
    struct big elem = { { 1, 2, 3 } };

    limit = finite ? after_ms(1000000) : FOREVER;
    start_crowd(1, chan_receiver, c);
    tasklet_yield();
    while (!enough()) {
        begun = stamp();
        chan_send(c, &elem, limit);
        tasklet_yield(); // to the receiver, which waits again
    }
    chan_close(c);
    end_crowd(1);
    report(name);
}

static void bench_uncontended(void)
{
    static struct mutex mutex = MUTEX_INIT(mutex, "mutex");

    while (!enough()) {
        uint32_t from = stamp();

        semaphore_give(&sem);
        semaphore_take(&sem, FOREVER);
        sample(from, stamp());
    }
    report("semaphore_uncontended");
    while (!enough()) {
        uint32_t from = stamp();

        mutex_lock(&mutex, FOREVER);
        mutex_unlock(&mutex);
        sample(from, stamp());
    }
    report("mutex_uncontended");
}

// ---- Spawn to join ----

static void nothing(void *unused)
{
    (void)unused;
}

static void bench_spawn(void)
{
    while (!enough()) {
        uint32_t from = stamp();
        struct tasklet *t =
            tasklet_spawn("child", nothing, NULL, crowd_memory[0], sizeof crowd_memory[0]);

        tasklet_join(t, FOREVER);
        sample(from, stamp());
    }
    report("spawn_run_join");
}

// ---- Timers ----

static void never(struct timer *t)
{
    (void)t;
}

static struct timer others[CROWD], timer = TIMER_INIT(never);

static void bench_timer(unsigned armed, const char *name)
{
    deadline_t base = after_ms(100000);

    for (unsigned i = 0; i + 1 < armed; i++) {
        others[i].fire = never;
        timer_arm(&others[i], (deadline_t){ base.ticks + i * 7919 });
    }
    while (!enough()) {
        deadline_t d = { base.ticks + taken * 104729 };
        uint32_t from = stamp();

        timer_arm(&timer, d);
        timer_cancel(&timer);
        sample(from, stamp());
    }
    for (unsigned i = 0; i + 1 < armed; i++) {
        timer_cancel(&others[i]);
    }
    report(name);
}

// ---- Interrupt to tasklet ----

static struct signal sig = SIGNAL_INIT(sig, "sig");

void software_interrupt(void)
{
    begun = stamp();
    signal_raise(&sig);
}

// In poll context: the interrupt is pending when the scheduler goes to sleep, so the sleep ends at
// once and the handler runs as if it had just come.
static void trigger(struct timer *t)
{
    (void)t;
    arch_irq_save();
    arch_trigger();
}

static void bench_interrupt(void)
{
    static struct timer kick = TIMER_INIT(trigger);

    while (!enough()) {
        timer_arm(&kick, after_us(500));
        signal_wait(&sig, FOREVER);
        lap();
    }
    report("interrupt_to_tasklet");
}

int main(void)
{
    signal_register(&sig);
    while (!enough()) {
        uint32_t from = stamp();

        sample(from, stamp());
    }
    sort();
    overhead = samples[0];
    report("stamp");
    while (!enough()) {
        begun = stamp();
        lap();
    }
    sort();
    lap_overhead = samples[0];
    report("lap");
    bench_yield(2, "yield_2");
    bench_yield(10, "yield_10");
    bench_yield(100, "yield_100");
    bench_yield(CROWD, "yield_1000");
    bench_semaphore();
    bench_uncontended();
    bench_chan(&small_chan, false, "chan_4_forever");
    bench_chan(&small_queue, true, "chan_4_deadline");
    bench_chan(&big_chan, false, "chan_64_forever");
    bench_spawn();
    bench_timer(1, "timer_1");
    bench_timer(10, "timer_10");
    bench_timer(100, "timer_100");
    bench_timer(CROWD, "timer_1000");
    bench_interrupt();
    arch_exit(0);
}

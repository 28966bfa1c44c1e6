// SPDX-License-Identifier: MIT
//
// From tasklet to tasklet: wait queues, semaphores, channels, services, the receiver waiting already.
#include "kernel/chan.h"
#include "kernel/mutex.h"
#include "kernel/pool.h"
#include "kernel/semaphore.h"
#include "kernel/service.h"
#include "tests/bench/bench.h"

struct big {
    uint32_t words[16];
};

static struct semaphore there = SEMAPHORE_INIT(there, "there", 0);
static struct semaphore back = SEMAPHORE_INIT(back, "back", 0);
static struct waitq door = WAITQ_INIT(door, "door"), way_back = WAITQ_INIT(way_back, "back");
static CHAN(small_chan, uint32_t, 0);
static CHAN(small_queue, uint32_t, 1);
static CHAN(big_chan, struct big, 0);
static SERVICE(echo, uint32_t, uint32_t);
static struct call call;
static deadline_t limit;

// ---- One way: from the wake-up to the return of the wait in the other tasklet ----

static void at_the_door(void *unused)
{
    (void)unused;
    while (!crowd_ends) {
        wait_on(&door, "door", FOREVER);
        lap();
        waitq_wake_one(&way_back);
    }
}

static void wait_queue(void)
{
    start_crowd(1, at_the_door, NULL);
    tasklet_yield();
    while (!enough()) {
        begun = stamp();
        waitq_wake_one(&door);
        wait_on(&way_back, "back", FOREVER);
    }
    crowd_ends = true;
    waitq_wake_one(&door);
    end_crowd(1);
    report("waitq_one_way");
}

static void taker(void *unused)
{
    (void)unused;
    while (!crowd_ends) {
        semaphore_take(&there, FOREVER);
        lap();
        semaphore_give(&back);
    }
}

static void semaphore(void)
{
    start_crowd(1, taker, NULL);
    tasklet_yield();
    while (!enough()) {
        begun = stamp();
        semaphore_give(&there);
        semaphore_take(&back, FOREVER);
    }
    crowd_ends = true;
    semaphore_give(&there);
    end_crowd(1);
    semaphore_take(&back, NOWAIT);
    report("semaphore_one_way");
}

static void receiver(void *chan)
{
    struct big elem;

    while (chan_recv(chan, &elem, limit) == 0) {
        lap();
    }
}

static void channel(struct chan *c, bool finite, const char *name)
{
    struct big elem = { { 1, 2, 3 } };

    limit = finite ? after_ms(1000000) : FOREVER;
    c->closed = 0;
    start_crowd(1, receiver, c);
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

// ---- Both ways ----

static void server(void *unused)
{
    uint32_t request;

    (void)unused;
    while (service_recv(&echo, &request, &call, FOREVER) == 0) {
        service_reply(&call, &request);
    }
}

static void service(void)
{
    uint32_t value = 1;

    start_crowd(1, server, NULL);
    tasklet_yield();
    while (!enough()) {
        uint32_t from = stamp();

        service_call(&echo, &value, &value, FOREVER);
        sample(from, stamp());
    }
    service_close(&echo);
    end_crowd(1);
    report("service_both_ways");
}

// ---- Alone ----

static void uncontended(void)
{
    static struct mutex mutex = MUTEX_INIT(mutex, "mutex");

    while (!enough()) {
        uint32_t from = stamp();

        semaphore_give(&there);
        semaphore_take(&there, FOREVER);
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

static void pool(void)
{
    static struct pool pool;
    static uint64_t memory[4][16];

    pool_init(&pool, "pool", memory, sizeof memory[0], 4);
    while (!enough()) {
        uint32_t from = stamp();
        void *block = pool_alloc(&pool);

        pool_free(&pool, block);
        sample(from, stamp());
    }
    report("pool_128");
}

void bench_messages(void)
{
    wait_queue();
    semaphore();
    uncontended();
    channel(&small_chan, false, "chan_4_forever");
    channel(&small_chan, true, "chan_4_deadline");
    channel(&small_queue, false, "queue_4_forever");
    channel(&big_chan, false, "chan_64_forever");
    channel(&big_chan, true, "chan_64_deadline");
    service();
    pool();
}

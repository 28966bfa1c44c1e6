// SPDX-License-Identifier: MIT
//
// Pools and byte rings.
#include <errno.h>
#include <string.h>

#include "kernel/pool.h"
#include "kernel/ring.h"
#include "tests/kernel/suite.h"

// ---- Pools ----

struct block {
    uint32_t words[3];
};

static POOL(pool, struct block, 4);

// Fills and compares all of each block, so that blocks that overlap are seen.
static void exhaustion(void)
{
    struct block *blocks[4];

    for (uint32_t i = 0; i < 4; i++) {
        blocks[i] = pool_alloc(&pool);
        CHECK(blocks[i] != NULL && ((uintptr_t)blocks[i] & (sizeof(void *) - 1)) == 0);
        memset(blocks[i], (int)i + 1, sizeof *blocks[i]);
    }
    CHECK(pool_alloc(&pool) == NULL);
    CHECK_IS(pool.used, 4);
    CHECK_IS(pool.most, 4);
    for (uint32_t i = 0; i < 4; i++) {
        CHECK_IS(blocks[i]->words[2], (i + 1) * 0x01010101u);
        pool_free(&pool, blocks[i]);
    }
    CHECK_IS(pool.used, 0);
    CHECK_IS(pool.most, 4);
    pool_free(&pool, NULL);
    CHECK_IS(pool.used, 0);
}

static void any_order(void)
{
    struct block *blocks[4];

    for (int round = 0; round < 8; round++) {
        for (int i = 0; i < 4; i++) {
            blocks[i] = pool_alloc(&pool);
            CHECK(blocks[i] != NULL);
            for (int j = 0; j < i; j++) {
                CHECK(blocks[i] != blocks[j]);
            }
        }
        CHECK(pool_alloc(&pool) == NULL);
        for (int i = 0; i < 4; i++) {
            pool_free(&pool, blocks[(i * 3 + round) % 4]);
        }
    }
}

static void most_ever(void)
{
    static uint8_t memory[5 * 16] __attribute__((aligned(16)));
    struct pool p;
    void *a, *b;

    pool_init(&p, "p", memory, 16, 5);
    a = pool_alloc(&p);
    b = pool_alloc(&p);
    pool_free(&p, a);
    a = pool_alloc(&p);
    pool_free(&p, b);
    pool_free(&p, a);
    CHECK_IS(p.most, 2);
    CHECK_IS(p.used, 0);
}

static void *got;

static void wait_for_block(void *deadline)
{
    int result = pool_wait(&pool, &got, deadline != NULL ? *(deadline_t *)deadline : FOREVER);

    step(result == 0);
    pool_free(&pool, result == 0 ? got : NULL);
}

// Who always finds a block gives way all the same.
static void blocks_are_no_reason_to_stay(void)
{
    void *block;

    worker("A", wait_for_block, NULL);
    suite_credit(0);
    CHECK_IS(pool_wait(&pool, &block, FOREVER), 0);
    CHECK_TRACE("A1");
    pool_free(&pool, block);
}

static void each_block_can_be_waited_for(void)
{
    void *blocks[4];

    for (int i = 0; i < 4; i++) {
        blocks[i] = pool_alloc(&pool);
    }
    for (int i = 0; i < 4; i++) {
        got = NULL;
        worker("A", wait_for_block, NULL);
        tasklet_yield();
        pool_free(&pool, blocks[i]);
        workers_join();
        CHECK(got == blocks[i]);
        CHECK(pool_alloc(&pool) == got);
    }
    for (int i = 0; i < 4; i++) {
        pool_free(&pool, blocks[i]);
    }
    CHECK_TRACE("A1 A1 A1 A1");
}

static void wait_for_a_block(void)
{
    void *blocks[4], *more = NULL;

    for (int i = 0; i < 4; i++) {
        CHECK_IS(pool_wait(&pool, &blocks[i], FOREVER), 0);
    }
    CHECK_IS(pool_wait(&pool, &more, NOWAIT), -EAGAIN);
    CHECK_IS(pool_wait(&pool, &more, after_us(100)), -ETIMEDOUT);
    tasklet_cancel(tasklet_self());
    CHECK_IS(pool_wait(&pool, &more, FOREVER), -ECANCELED);
    worker("A", wait_for_block, NULL);
    worker("B", wait_for_block, NULL);
    tasklet_yield();
    pool_free(&pool, blocks[2]);
    CHECK(pool_alloc(&pool) == NULL); // it went to who waits
    CHECK_IS(pool.used, 4);
    workers_join();
    CHECK(got == blocks[2]);
    CHECK_TRACE("A1 B1");
    CHECK_IS(pool.used, 3);
    for (int i = 0; i < 4; i++) {
        pool_free(&pool, i == 2 ? NULL : blocks[i]);
    }
    CHECK_IS(pool.used, 0);
}

// ---- Rings ----

static uint8_t bytes[32];

static void put_and_get(void)
{
    struct ring r = RING_INIT(bytes);

    CHECK_IS(ring_used(&r), 0);
    CHECK_IS(ring_free(&r), sizeof bytes);
    for (unsigned i = 0; i < sizeof bytes; i++) {
        ring_put(&r, (uint8_t)(i + 100));
    }
    CHECK_IS(ring_used(&r), sizeof bytes);
    CHECK_IS(ring_free(&r), 0);
    CHECK_IS(ring_write(&r, "x", 1), 0);
    for (unsigned i = 0; i < sizeof bytes; i++) {
        CHECK_IS(ring_get(&r), i + 100);
    }
    CHECK_IS(ring_used(&r), 0);
    CHECK_IS(ring_read(&r, bytes, 1), 0);
}

static void partial_transfers(void)
{
    struct ring r = RING_INIT(bytes);
    char text[40] = { 0 };

    CHECK_IS(ring_write(&r, "0123456789abcdefghijklmnopqrstuvwxyz", 36), 32);
    CHECK_IS(ring_read(&r, text, 10), 10);
    CHECK_IS(memcmp(text, "0123456789", 10), 0);
    CHECK_IS(ring_write(&r, "ABCDEFGHIJKL", 12), 10);
    memset(text, 0, sizeof text);
    CHECK_IS(ring_read(&r, text, sizeof text), 32);
    CHECK_IS(memcmp(text, "abcdefghijklmnopqrstuvABCDEFGHIJ", 33), 0);
    CHECK_IS(ring_write(&r, text, 0), 0);
    CHECK_IS(ring_read(&r, text, 0), 0);
}

// Writer and reader each know the next byte of an endless sequence. The indices wrap at 2^16
// several times.
static void as_the_model_says(void)
{
    struct ring r = RING_INIT(bytes);
    uint8_t in[40], out[40];
    uint32_t written = 0, read = 0;

    suite_seed(5);
    while (read < 200000 && suite_failures() == 0) {
        size_t n = suite_random(sizeof in + 1), room = sizeof bytes - (written - read);

        for (size_t i = 0; i < n; i++) {
            in[i] = (uint8_t)((written + i) * 167 >> 3);
        }
        size_t put = ring_write(&r, in, n);

        CHECK_IS(put, n < room ? n : room);
        written += (uint32_t)put;
        CHECK_IS(ring_used(&r), written - read);
        n = suite_random(sizeof out + 1);
        size_t got_now = ring_read(&r, out, n);

        CHECK_IS(got_now, n < written - read ? n : written - read);
        for (size_t i = 0; i < got_now; i++) {
            CHECK_IS(out[i], (uint8_t)((read + i) * 167 >> 3));
        }
        read += (uint32_t)got_now;
    }
}

// A ring of the largest size is full with 32768 bytes, and of the smallest with one.
static void smallest(void)
{
    uint8_t one[1];
    struct ring r = RING_INIT(one);

    for (unsigned i = 0; i < 70000; i++) {
        CHECK_IS(ring_free(&r), 1);
        ring_put(&r, (uint8_t)i);
        CHECK_IS(ring_free(&r), 0);
        CHECK_IS(ring_get(&r), (uint8_t)i);
    }
}

int main(void)
{
    static const struct suite_case cases[] = {
        CASE(exhaustion),
        CASE(any_order),
        CASE(most_ever),
        CASE(blocks_are_no_reason_to_stay),
        CASE(each_block_can_be_waited_for),
        CASE(wait_for_a_block),
        CASE(put_and_get),
        CASE(partial_transfers),
        CASE(as_the_model_says),
        CASE(smallest),
    };

    SUITE_RUN("memory", cases);
}

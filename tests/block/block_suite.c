// SPDX-License-Identifier: MIT
//
// Calls over block devices: what they move, what they say, and what becomes of requests whose caller has
// given up.
#include "io/block.h"

#include <errno.h>
#include <string.h>

#include "drivers/block/ram.h"
#include "tests/block/hand.h"
#include "tests/kernel/suite.h"

enum { RAM_SECTORS = 7, SIZE = 512, PIECE = BLOCK_PIECE / SIZE };

static struct block_ram ram = BLOCK_RAM_INIT(ram, "ram", RAM_SECTORS, SIZE, 2, 0);
static uint8_t buffer[5 * SIZE];
static deadline_t moment;

static void begin_ram(void)
{
    ram.delay = 0;
    ram.fault = 0;
    ram.device.read_only = false;
    CHECK_IS(block_start(&ram.device), 0);
    memset(ram.data, 0, RAM_SECTORS * SIZE);
}

static int last_result;

// The name of the running tasklet, and how its call ended; numbers of errors differ between C libraries.
static void outcome(int result)
{
    last_result = result;
    note(tasklet_self()->name);
    note(result > 0             ? "moved"
         : result == 0          ? "ok"
         : result == -ETIMEDOUT ? "late"
         : result == -ECANCELED ? "cancelled"
         : result == -EIO       ? "io"
         : result == -ENODEV    ? "gone"
                                : "?");
}

// ---- RAM: what is moved ----

static void there_and_back(void)
{
    begin_ram();
    for (unsigned i = 0; i < sizeof buffer; i++) {
        buffer[i] = (uint8_t)(i * 31 + i / SIZE);
    }
    CHECK_IS(block_write(&ram.device, 1, buffer, 5, FOREVER), 5);
    CHECK_IS(memcmp(ram.data + SIZE, buffer, sizeof buffer), 0);
    CHECK_IS(ram.data[SIZE - 1], 0);
    CHECK_IS(ram.data[6 * SIZE], 0);
    memset(buffer, 0, sizeof buffer);
    CHECK_IS(block_read(&ram.device, 1, buffer, 5, FOREVER), 5);
    CHECK_IS(memcmp(ram.data + SIZE, buffer, sizeof buffer), 0);
    CHECK_IS(block_flush(&ram.device, FOREVER), 0);
    CHECK_IS(ram.device.in_device, 0);
}

static void bad_requests(void)
{
    static struct block_device unstarted = BLOCK_DEVICE_INIT(unstarted, "none", &block_ram);

    begin_ram();
    CHECK_IS(block_read(&unstarted, 0, buffer, 1, FOREVER), -ENODEV);
    CHECK_IS(block_flush(&unstarted, FOREVER), -ENODEV);
    CHECK_IS(block_read(&ram.device, 0, buffer, 0, FOREVER), -EINVAL);
    CHECK_IS(block_read(&ram.device, RAM_SECTORS, buffer, 1, FOREVER), -EINVAL);
    CHECK_IS(block_write(&ram.device, RAM_SECTORS - 1, buffer, 2, FOREVER), -EINVAL);
    CHECK_IS(block_read(&ram.device, UINT64_MAX, buffer, 2, FOREVER), -EINVAL);
    CHECK_IS(block_read(&ram.device, 1, buffer, SIZE_MAX, FOREVER), -EINVAL);
    CHECK_IS(block_read(&ram.device, 0, buffer, 1, NOWAIT), -EAGAIN);
    CHECK_IS(block_flush(&ram.device, NOWAIT), -EAGAIN);
    ram.device.read_only = true;
    CHECK_IS(block_write(&ram.device, 0, buffer, 1, FOREVER), -EROFS);
    CHECK_IS(block_read(&ram.device, 0, buffer, 1, FOREVER), 1);
}

// A piece is a sector at least.
static void sectors_of_any_size(void)
{
    hand_begin(1);
    hand.device.sector_size = BLOCK_PIECE + 1;
    CHECK_IS(block_read(&hand.device, 0, buffer, 1, suite_soon()), -EINVAL);
    CHECK_TRACE("");
    hand.device.sector_size = BLOCK_PIECE;
    CHECK_IS(block_read(&hand.device, 0, buffer, 1, suite_soon()), -ETIMEDOUT);
    CHECK_TRACE("r0");
    hand_end_all();
}

static void step_once(void *unused)
{
    (void)unused;
    step(1);
}

// Whoever asks again and again without waiting asks the device for nothing, and gives others their turn.
static void does_not_wait(void)
{
    hand_begin(1);
    worker("A", step_once, NULL);
    suite_credit(0);
    CHECK_IS(block_read(&hand.device, 0, buffer, 1, NOWAIT), -EAGAIN);
    CHECK_TRACE("A1");
    worker("B", step_once, NULL);
    suite_credit(0);
    CHECK_IS(block_flush(&hand.device, NOWAIT), -EAGAIN);
    CHECK_TRACE("B1");
    CHECK_IS(hand.count, 0);
}

static void takes_its_time(void)
{
    begin_ram();
    ram.delay = ticks_from_ms(3);
    deadline_t d = after_ms(3);

    CHECK_IS(block_read(&ram.device, 0, buffer, 1, FOREVER), 1);
    CHECK(suite_on_time(d));
}

static void device_fails(void)
{
    begin_ram();
    ram.fault = -EIO;
    memset(buffer, 7, sizeof buffer);
    CHECK_IS(block_write(&ram.device, 0, buffer, 1, FOREVER), -EIO);
    CHECK_IS(ram.data[0], 0);
    CHECK_IS(block_read(&ram.device, 0, buffer, 1, FOREVER), -EIO);
    CHECK_IS(buffer[0], 7);
    CHECK_IS(block_flush(&ram.device, FOREVER), -EIO);
    ram.fault = 0;
    CHECK_IS(block_write(&ram.device, 0, buffer, 1, FOREVER), 1);
}

// ---- By hand: in which order ----

struct job {
    enum block_op op;
    uint8_t sector, count;
};

static void run_job(const struct job *job, deadline_t d)
{
    int result =
        job->op == BLOCK_READ    ? block_read(&hand.device, job->sector, buffer, job->count, d)
        : job->op == BLOCK_WRITE ? block_write(&hand.device, job->sector, buffer, job->count, d)
                                 : block_flush(&hand.device, d);

    outcome(result);
}

static void do_job(void *job)
{
    run_job(job, FOREVER);
}

static void do_job_until_moment(void *job)
{
    run_job(job, moment);
}

static struct job read5 = { BLOCK_READ, 5, 1 }, write5 = { BLOCK_WRITE, 5, 1 },
                  read6 = { BLOCK_READ, 6, 1 }, flush = { BLOCK_FLUSH, 0, 0 };

static void any_order(void)
{
    hand_begin(4);
    hand.medium[5] = 55;
    worker("A", do_job, &read5);
    worker("B", do_job, &read6);
    tasklet_yield();
    hand_end(1, 0);
    hand_end(0, 0);
    CHECK_TRACE("r5 r6 B moved A moved");
    CHECK_IS(buffer[0], 55);
}

static void waits_for_room(void)
{
    hand_begin(1);
    worker("A", do_job, &read5);
    worker("B", do_job, &read6);
    worker("C", do_job, &flush);
    tasklet_yield();
    CHECK_TRACE("r5");
    hand_end(0, 0);
    hand_end(0, -EIO);
    hand_end(0, 0);
    CHECK_TRACE("r6 A moved f B io C ok");
    CHECK_IS(hand.device.most, 1);
    CHECK_IS(hand.device.errors, 1);
}

static void gone_while_others_wait(void)
{
    hand_begin(1);
    worker("A", do_job, &read5);
    worker("B", do_job, &read6);
    tasklet_yield();
    hand.device.started = false;
    hand_end(0, 0);
    workers_join();
    CHECK_TRACE("r5 B gone A moved");
}

static void error_after_a_piece(void)
{
    static struct job long_read = { BLOCK_READ, 0, PIECE + 1 };

    hand_begin(1);
    worker("A", do_job, &long_read);
    tasklet_yield();
    hand_end(0, 0);
    hand_end(0, -EIO);
    CHECK_TRACE("r0 r2 A moved");
    CHECK_IS(last_result, PIECE);
}

// A reader that gives up finds its buffer as it was, then and later; and no request is lost for it.
static void late_read(void)
{
    hand_begin(HAND_DEPTH);
    hand.medium[5] = 55;
    for (unsigned i = 0; i < 3 * BLOCK_CALLS; i++) {
        memset(buffer, 1, SIZE);
        CHECK_IS(block_read(&hand.device, 5, buffer, 1, suite_soon()), -ETIMEDOUT);
        CHECK_IS(hand.count, 1);
        hand_end(0, 0);
        CHECK_IS(buffer[0], 1);
        CHECK_TRACE("r5");
    }
}

// A write that is given up is whole, and is of the time of the call.
static void cancelled_write(void)
{
    hand_begin(2);
    memset(buffer, 9, SIZE);
    struct tasklet *t = worker("A", do_job, &write5);

    tasklet_yield();
    CHECK_IS(tasklet_cancel(t), 0);
    worker_join(t);
    CHECK_TRACE("w5 A cancelled");
    memset(buffer, 1, SIZE);
    hand_end(0, 0);
    CHECK_IS(hand.medium[5], 9);
}

static void give_up_write(void)
{
    CHECK_IS(block_write(&hand.device, 5, buffer, 1, suite_soon()), -ETIMEDOUT);
    CHECK_TRACE("w5");
}

// Who comes after an abandoned write, on its sectors, begins when it is over. Others do not care.
static void nobody_overtakes(void)
{
    static struct job around = { BLOCK_READ, 4, 2 };

    hand_begin(HAND_DEPTH);
    memset(buffer, 9, SIZE);
    give_up_write();
    worker("A", do_job, &around);
    worker("B", do_job, &read6);
    worker("C", do_job, &flush);
    tasklet_yield();
    CHECK_TRACE("r6");
    hand_end(1, 0);
    hand_end(0, 0);
    CHECK_TRACE("B moved r4 f");
    hand_end_all();
    CHECK_TRACE("A moved C ok");
    CHECK_IS(buffer[SIZE], 9);
}

static void right_before_it(void)
{
    static struct job before = { BLOCK_READ, 4, 1 };

    hand_begin(HAND_DEPTH);
    give_up_write();
    worker("A", do_job, &before);
    tasklet_yield();
    CHECK_TRACE("r4");
    hand_end_all();
    CHECK_TRACE("A moved");
}

static void on_another_device(void)
{
    begin_ram();
    hand_begin(HAND_DEPTH);
    give_up_write();
    CHECK_IS(block_write(&ram.device, 5, buffer, 1, suite_soon()), 1);
    hand_end_all();
}

static void gives_up_behind_it(void)
{
    hand_begin(HAND_DEPTH);
    give_up_write();
    moment = suite_soon();
    worker("A", do_job_until_moment, &write5);
    workers_join();
    CHECK_TRACE("A late");
    CHECK_IS(hand.count, 1);
    hand_end(0, 0);
    CHECK_IS(block_flush(&hand.device, suite_soon()), -ETIMEDOUT); // went in at once
    hand_end_all();
    CHECK_TRACE("f");
}

static int end_with;

static void finish_then(struct timer *unused)
{
    (void)unused;
    hand_end_now(0, end_with);
}

// The deadline passes, and before the caller runs again the device is through: then it is not late.
static void done_at_the_last_moment(void)
{
    static struct timer timer = TIMER_INIT(finish_then);

    hand_begin(1);
    for (int i = 0; i < 2; i++) {
        end_with = i == 0 ? 0 : -EIO;
        moment = suite_soon();
        worker("A", do_job_until_moment, &read5);
        tasklet_yield();
        timer_arm(&timer, moment);
        workers_join();
    }
    CHECK_TRACE("r5 A moved r5 A io");
}

// Cancelled, and before the caller runs again the device is through: a request of nobody's that is not lost.
static void cancelled_at_the_last_moment(void)
{
    hand_begin(1);
    end_with = 0;
    for (unsigned i = 0; i < 3 * BLOCK_CALLS; i++) {
        struct tasklet *t = worker("A", do_job, &read5);

        tasklet_yield();
        CHECK_IS(tasklet_cancel(t), 0);
        finish_then(NULL);
        workers_join();
        CHECK_TRACE("r5 A cancelled");
    }
}

// Between two pieces: what was moved counts, and the next call hears of it.
static void read_twice(void *unused)
{
    (void)unused;
    outcome(block_read(&hand.device, 0, buffer, PIECE + 1, FOREVER));
    outcome(block_read(&hand.device, 9, buffer, 1, FOREVER));
    outcome(block_read(&hand.device, 9, buffer, 1, FOREVER));
}

static void cancelled_after_a_piece(void)
{
    hand_begin(4);
    struct tasklet *t = worker("A", read_twice, NULL);

    tasklet_yield();
    hand_end(0, 0);
    CHECK_IS(tasklet_cancel(t), 0);
    tasklet_yield();
    tasklet_yield();
    hand_end_all();
    CHECK_TRACE("r0 r2 A moved r9 A cancelled r9 A moved");
}

// A device that swallows everything costs its callers their time, not the program.
static void swallowed(void)
{
    hand_begin(HAND_DEPTH);
    for (unsigned i = 0; i < BLOCK_CALLS; i++) {
        CHECK_IS(block_read(&hand.device, 5, buffer, 1, after_us(10)), -ETIMEDOUT);
    }
    CHECK_IS(hand.count, BLOCK_CALLS);
    CHECK_IS(block_read(&hand.device, 5, buffer, 1, suite_soon()), -ETIMEDOUT);
    CHECK_IS(hand.count, BLOCK_CALLS);
    worker("A", do_job, &read6);
    tasklet_yield();
    hand_end_all();
    CHECK_TRACE("r5 r5 r5 r5 r6 A moved");
}

int main(void)
{
    static const struct suite_case cases[] = {
        CASE(there_and_back),
        CASE(bad_requests),
        CASE(sectors_of_any_size),
        CASE(does_not_wait),
        CASE(takes_its_time),
        CASE(device_fails),
        CASE(any_order),
        CASE(waits_for_room),
        CASE(gone_while_others_wait),
        CASE(error_after_a_piece),
        CASE(late_read),
        CASE(cancelled_write),
        CASE(nobody_overtakes),
        CASE(right_before_it),
        CASE(on_another_device),
        CASE(gives_up_behind_it),
        CASE(done_at_the_last_moment),
        CASE(cancelled_at_the_last_moment),
        CASE(cancelled_after_a_piece),
        CASE(swallowed),
    };

    SUITE_RUN("block", cases);
}

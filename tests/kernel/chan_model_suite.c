// SPDX-License-Identifier: MIT
//
// Many senders and receivers with seeded choices: every element is received exactly once, and each
// receiver sees the elements of one sender in the order in which they were sent.
#include <errno.h>
#include <string.h>

#include "kernel/chan.h"
#include "kernel/select.h"
#include "tests/kernel/suite.h"

enum { SENDERS = 3, RECEIVERS = 2, MESSAGES = 40, CAPACITY = 4 };

struct element {
    uint8_t sender, number;
    uint8_t check; // of both
};

static struct chan chan;
static struct element buffer[CAPACITY];
static uint8_t received[SENDERS][MESSAGES];
static unsigned errors, gave_up;

static uint8_t check_of(const struct element *e)
{
    return (uint8_t)(e->sender * 31 + e->number * 7 + 1);
}

// A deadline of any kind, mostly one that may pass.
static deadline_t any_deadline(void)
{
    switch (suite_random(4)) {
    case 0:
        return NOWAIT;
    case 1:
        return FOREVER;
    default:
        return after_us(suite_random(60));
    }
}

static void dawdle(void)
{
    switch (suite_random(6)) {
    case 0:
        sleep_until(after_us(suite_random(40)));
        break;
    case 1:
    case 2:
        tasklet_yield();
        break;
    }
}

static int send_somehow(struct element *e)
{
    struct select_case cases[] = { SELECT_SEND(&chan, e) };

    if (suite_random(3) > 0) {
        return chan_send(&chan, e, any_deadline());
    }
    int chosen = chan_select(cases, 1, any_deadline());

    return chosen == 0 ? cases[0].result : chosen;
}

static int receive_somehow(struct element *e)
{
    struct select_case cases[] = { SELECT_RECV(&chan, e) };

    if (suite_random(3) > 0) {
        return chan_recv(&chan, e, any_deadline());
    }
    int chosen = chan_select(cases, 1, any_deadline());

    return chosen == 0 ? cases[0].result : chosen;
}

// -ENOMEM: all tasklets but one are in chan_select().
static bool try_again(int result)
{
    bool again =
        result == -ETIMEDOUT || result == -EAGAIN || result == -ECANCELED || result == -ENOMEM;

    gave_up += again;
    if (result == -EAGAIN || result == -ENOMEM) {
        tasklet_yield();
    }
    return again;
}

static void sender(void *number)
{
    for (unsigned i = 0; i < MESSAGES; i++) {
        struct element e = { (uint8_t)NUMBER(number), (uint8_t)i, 0 };
        int result;

        e.check = check_of(&e);
        do {
            result = send_somehow(&e);
        } while (try_again(result));
        errors += result != 0;
        dawdle();
    }
}

static void receiver(void *unused)
{
    int next[SENDERS] = { 0 }, result;
    struct element e = { 0 };

    (void)unused;
    while ((result = receive_somehow(&e)) != -EPIPE) {
        if (result == 0) {
            errors += e.check != check_of(&e) || e.number < next[e.sender];
            next[e.sender] = e.number + 1;
            received[e.sender][e.number]++;
            memset(&e, 0xFF, sizeof e);
        } else {
            errors += !try_again(result);
        }
        dawdle();
    }
}

// Cancels anybody now and then.
static void troublemaker(struct tasklet *const *all, size_t n)
{
    for (int i = 0; i < 20; i++) {
        tasklet_cancel(all[suite_random((uint32_t)n)]);
        sleep_until(after_us(suite_random(200)));
    }
}

static bool run(uint32_t seed)
{
    struct tasklet *all[SENDERS + RECEIVERS];

    suite_seed(seed);
    suite_credit(SCHED_CREDIT);
    errors = 0;
    memset(received, 0, sizeof received);
    size_t capacity = suite_random(CAPACITY + 1);

    chan_init(&chan, "model", capacity > 0 ? buffer : NULL, capacity, sizeof(struct element));
    for (size_t i = 0; i < RECEIVERS; i++) {
        all[SENDERS + i] = worker("receiver", receiver, NULL);
    }
    for (size_t i = 0; i < SENDERS; i++) {
        all[i] = worker("sender", sender, ARG(i));
    }
    troublemaker(all, SENDERS + RECEIVERS);
    for (size_t i = 0; i < SENDERS; i++) {
        worker_join(all[i]);
    }
    chan_close(&chan);
    workers_join();
    for (size_t i = 0; i < SENDERS; i++) {
        for (size_t j = 0; j < MESSAGES; j++) {
            errors += received[i][j] != 1;
        }
    }
    return errors == 0 && waitq_empty(&chan.waiting);
}

static void each_element_once_in_order(void)
{
    uint32_t seeds = suite_exact() ? 300 : 10, seed = 1;

    while (seed <= seeds && run(seed)) {
        seed++;
    }
    CHECK_IS(seed, seeds + 1); // else this seed failed
    CHECK(gave_up > seeds);
}

int main(void)
{
    static const struct suite_case cases[] = {
        CASE(each_element_once_in_order),
    };

    SUITE_RUN("chan_model", cases);
}

// SPDX-License-Identifier: MIT
//
// Shared stacks: what others copy from and to those who are saved, by channels, select and services; and all
// of that by chance.
#include "kernel/shared_stack.h"

#include <errno.h>
#include <string.h>

#include "kernel/chan.h"
#include "kernel/select.h"
#include "kernel/service.h"
#include "tests/kernel/shared.h"

static CHAN(words, uint32_t, 0);
static CHAN(more_words, uint32_t, 0);
static struct call call;
static uint32_t word;

// ---- Copies from and to who is saved ----

struct big {
    uint8_t bytes[3 * SAVE_CHUNK / 2]; // lies in three chunks, or two
};
static CHAN(small_ones, uint8_t, 0);
struct odd {
    uint8_t bytes[6];
};
static CHAN(odd_ones, struct odd, 0);
static CHAN(big_ones, struct big, 0);
static CHAN(buffered, struct big, 1);

static struct big a_big_one(uint8_t seed)
{
    struct big b;

    for (size_t i = 0; i < sizeof b.bytes; i++) {
        b.bytes[i] = (uint8_t)(seed + 3 * i);
    }
    return b;
}

static void send_all_sizes(void *unused)
{
    struct kept here;
    uint8_t small = 0x5C;
    uint32_t one = 0x12345678;
    struct odd odd = { { 1, 2, 3, 4, 5, 6 } };
    struct big big = a_big_one(7);

    (void)unused;
    keep(&here, 1);
    CHECK_IS(chan_send(&words, &one, FOREVER), 0);
    CHECK_IS(chan_send(&small_ones, &small, FOREVER), 0);
    CHECK_IS(chan_send(&odd_ones, &odd, FOREVER), 0);
    CHECK_IS(chan_send(&big_ones, &big, FOREVER), 0);
    CHECK(is_kept(&here, 1) && one == 0x12345678 && small == 0x5C && odd.bytes[5] == 6);
}

static void receive_all_sizes(void *unused)
{
    struct kept here;
    uint8_t small = 0;
    uint32_t one = 0;
    struct odd odd = { { 0 } };
    struct big big = { { 0 } }, same = a_big_one(7);

    (void)unused;
    keep(&here, 2);
    CHECK_IS(chan_recv(&words, &one, FOREVER), 0);
    CHECK_IS(one, 0x12345678);
    CHECK_IS(chan_recv(&small_ones, &small, FOREVER), 0);
    CHECK_IS(small, 0x5C);
    CHECK_IS(chan_recv(&odd_ones, &odd, FOREVER), 0);
    CHECK(memcmp(odd.bytes, "\1\2\3\4\5\6", 6) == 0);
    CHECK_IS(chan_recv(&big_ones, &big, FOREVER), 0);
    CHECK(memcmp(&big, &same, sizeof big) == 0);
    CHECK(is_kept(&here, 2));
}

static void meet(struct stack *first, void (*first_fn)(void *), struct stack *second,
                 void (*second_fn)(void *), bool spoiled)
{
    start_on(first, 0, first_fn);
    if (spoiled) {
        spoil_both();
    }
    start_on(second, 1, second_fn);
    wait_for_talks(2);
}

// Wherever both lie, whoever comes first, saved or in place.
static void every_rendezvous(void)
{
    struct stack *const places[] = { NULL, &stack, &other_stack };

    for (unsigned n = 0; n < 18; n++) {
        struct stack *from = places[n % 3], *to = places[n / 3 % 3];

        meet(from, send_all_sizes, to, receive_all_sizes, n >= 9);
        meet(to, receive_all_sizes, from, send_all_sizes, n >= 9);
    }
    all_is_given_back();
}

static struct big nobodys[2];

static void send_and_receive_nobodys(void *unused)
{
    (void)unused;
    CHECK_IS(chan_send(&big_ones, &nobodys[0], FOREVER), 0);
    CHECK_IS(chan_recv(&big_ones, &nobodys[1], FOREVER), 0);
}

// What one who is saved waits with need not lie on its stack.
static void elements_elsewhere(void)
{
    struct big big, same = a_big_one(5);

    nobodys[0] = same;
    talk(0, "A", send_and_receive_nobodys, NULL);
    tasklet_yield();
    spoil(&stack);
    CHECK_IS(chan_recv(&big_ones, &big, NOWAIT), 0);
    CHECK(memcmp(&big, &same, sizeof big) == 0);
    tasklet_yield();
    spoil(&stack);
    CHECK_IS(chan_send(&big_ones, &big, NOWAIT), 0);
    CHECK(memcmp(&nobodys[1], &same, sizeof same) == 0);
    wait_for_talks(1);
}

static void send_at_any_byte(void *unused)
{
    _Alignas(uint32_t) unsigned char bytes[2 * sizeof word];

    (void)unused;
    for (unsigned i = 0; i < sizeof word; i++) {
        memcpy(bytes + i, "abcd", sizeof word);
        CHECK_IS(chan_send(&words, bytes + i, FOREVER), 0);
    }
}

// A word that is not aligned is copied like any other element.
static void words_at_any_byte(void)
{
    talk(0, "A", send_at_any_byte, NULL);
    for (unsigned i = 0; i < sizeof word; i++) {
        tasklet_yield();
        spoil(&stack);
        CHECK_IS(chan_recv(&words, &word, NOWAIT), 0);
        CHECK(memcmp(&word, "abcd", sizeof word) == 0);
    }
    wait_for_talks(1);
}

static void send_big(void *seed)
{
    struct big big = a_big_one((uint8_t)NUMBER(seed));

    CHECK_IS(chan_send(&buffered, &big, FOREVER), 0);
}

// A full buffer takes from a sender who is saved.
static void buffer_takes_from_saved(void)
{
    struct big got;

    for (int i = 0; i < 3; i++) {
        talk((unsigned)i, "A", send_big, ARG(i));
    }
    tasklet_yield();
    for (int i = 0; i < 3; i++) {
        struct big same = a_big_one((uint8_t)i);

        spoil(&stack);
        CHECK_IS(chan_recv(&buffered, &got, FOREVER), 0);
        CHECK(memcmp(&got, &same, sizeof got) == 0);
    }
    wait_for_talks(3);
}

static void select_big(void *unused)
{
    struct kept here;
    struct big big = { { 0 } }, same = a_big_one(9);
    uint32_t one = 77, other = 0;
    struct select_case cases[] = { SELECT_SEND(&words, &one), SELECT_RECV(&big_ones, &big),
                                   SELECT_RECV(&more_words, &other) };

    (void)unused;
    keep(&here, 3);
    step(chan_select(cases, 3, FOREVER));
    CHECK_IS(cases[1].result, 0);
    CHECK(memcmp(&big, &same, sizeof big) == 0);
    step(chan_select(cases, 3, FOREVER));
    step(chan_select(cases, 3, FOREVER));
    CHECK_IS(other, 78);
    step_result(chan_select(cases, 3, suite_soon()));
    CHECK(is_kept(&here, 3) && one == 77);
}

static void select_of_saved(void)
{
    struct big big = a_big_one(9);

    talk(0, "A", select_big, NULL);
    tasklet_yield();
    spoil(&stack);
    CHECK_IS(chan_send(&big_ones, &big, NOWAIT), 0);
    tasklet_yield();
    spoil(&stack);
    CHECK_IS(chan_recv(&words, &word, NOWAIT), 0);
    CHECK_IS(word, 77);
    tasklet_yield();
    spoil(&stack);
    word = 78;
    CHECK_IS(chan_send(&more_words, &word, NOWAIT), 0);
    tasklet_yield();
    spoil(&stack);
    wait_for_talks(1);
    CHECK_TRACE("A1 A0 A2 A8");
}

struct question {
    uint8_t bytes[SAVE_CHUNK + 5];
};
static SERVICE(sums, struct question, uint32_t);

static void ask_for_sum(void *seed)
{
    struct question q;
    uint32_t sum = 0, expected = 0;

    for (size_t i = 0; i < sizeof q.bytes; i++) {
        q.bytes[i] = (uint8_t)(i * (unsigned)NUMBER(seed));
        expected += q.bytes[i];
    }
    CHECK_IS(service_call(&sums, &q, &sum, FOREVER), 0);
    CHECK(sum == expected);
}

static void serve_sums(void *unused)
{
    struct question q;

    (void)unused;
    while (service_recv(&sums, &q, &call, FOREVER) == 0) {
        uint32_t sum = 0;

        for (size_t i = 0; i < sizeof q.bytes; i++) {
            sum += q.bytes[i];
        }
        sleep_until(after_us(10));
        CHECK_IS(service_reply(&call, &sum), 0);
    }
}

// Client and server, wherever they lie; the client comes first or second.
static void services_of_saved(void)
{
    struct stack *const places[] = { NULL, &stack, &other_stack };

    for (unsigned n = 0; n < 9; n++) {
        service_init(&sums, "sums", sizeof(struct question), sizeof(uint32_t));
        talk(1, "early", ask_for_sum, ARG(3));
        tasklet_yield();
        spoil_both();
        start_on(places[n % 3], 0, serve_sums);
        CHECK_IS(end_of(&talks[1].tasklet), 0);
        spoil_both();
        if (places[n / 3] == NULL) {
            CHECK_IS(worker_join(worker("late", ask_for_sum, ARG(5))), 0);
        } else {
            CHECK_IS(end_of(talk_on(places[n / 3], 1, "late", ask_for_sum, ARG(5))), 0);
        }
        service_close(&sums);
        wait_for_talks(1);
    }
    all_is_given_back();
}

// ---- By chance ----

struct letter {
    uint32_t seed;
    struct kept content;
};
static CHAN(letters, struct letter, 0);
static CHAN(box, struct letter, 2);
static int rounds_left;
static unsigned moved, refused;

static void one_of_many(unsigned choice)
{
    struct letter l = { .seed = suite_random(1000) };
    struct chan *c = choice % 2 == 0 ? &letters : &box;
    deadline_t d = after_us(suite_random(40) + 1);
    int result = 0;

    switch (choice / 2) {
    case 0:
    case 1:
        keep(&l.content, l.seed);
        result = chan_send(c, &l, d);
        break;
    case 2:
    case 3:
        result = chan_recv(c, &l, d);
        CHECK(result != 0 || is_kept(&l.content, l.seed));
        moved += result == 0;
        break;
    case 4: {
        struct select_case cases[] = { SELECT_RECV(&letters, &l), SELECT_RECV(&box, &l) };

        result = chan_select(cases, 2, d);
        CHECK(result < 0 || is_kept(&l.content, l.seed));
        moved += result >= 0;
        break;
    }
    case 5:
        result = sleep_until(d);
        break;
    default:
        tasklet_yield();
    }
    refused += result == -ENOMEM;
}

static void by_chance(void *seed)
{
    one_of_many((unsigned)NUMBER(seed));
}

static void chat(void *unused)
{
    (void)unused;
    while (rounds_left-- > 0) {
        below(suite_random(4), by_chance, ARG((int)suite_random(14)));
    }
}

static TASKLET_MEMORY(own_memory, SHARED_DEPTH);

static void soak(void)
{
    suite_seed(20 + suite_random(100));
    suite_credit(20);
    moved = refused = 0;
    rounds_left = 1500;
    for (unsigned i = 0; i < TALKS; i++) {
        talk_on(i % 3 == 2 ? &other_stack : &stack, i, "talk", chat, NULL);
    }
    struct tasklet *own = tasklet_spawn("own", chat, NULL, own_memory, sizeof own_memory);

    wait_for_talks(TALKS);
    CHECK_IS(end_of(own), 0);
    CHECK(moved > 20);
    while (chan_count(&box) > 0) {
        struct letter l;

        CHECK_IS(chan_recv(&box, &l, NOWAIT), 0);
    }
    suite_credit(INT32_MAX);
    all_is_given_back();
}

static void the_same_swapped_always(void)
{
    stack_swap_always(&stack);
    stack_swap_always(&other_stack);
    every_rendezvous();
    select_of_saved();
    services_of_saved();
    soak();
    stack.swap_always = other_stack.swap_always = NULL;
}

int main(void)
{
    static const struct suite_case cases[] = {
        CASE(every_rendezvous),
        CASE(elements_elsewhere),
        CASE(words_at_any_byte),
        CASE(buffer_takes_from_saved),
        CASE(select_of_saved),
        CASE(services_of_saved),
        CASE(soak),
        CASE(the_same_swapped_always),
    };

    SUITE_RUN("shared_copy", cases);
}

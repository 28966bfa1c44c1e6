// SPDX-License-Identifier: MIT
//
// As many conversations as fit into the memory, each a tasklet that waits in the middle of nested calls: in 64
// KB more than two hundred. When one has its turn it goes a kilobyte deep, to parse and to format; when it
// waits it keeps a hundred bytes or so. A stack for each, as deep as the deepest moment, would allow forty.
//
// It fills the memory, has each conversation answer three times, and says how many there were.
#include <stdlib.h>
#include <string.h>

#include "boards/board.h"
#include "io/printf.h"
#include "kernel/chan.h"
#include "kernel/shared_stack.h"

enum { PAGE = 880, STACK_DEPTH = 1024, ROUNDS = 3 };

static struct save_area saved;
static STACK(stack, STACK_DEPTH, &saved);
static CHAN(questions, uint32_t, 0);
static CHAN(answers, uint32_t, 0);

// ---- A conversation ----

// Writes the number into the page, again and again, separated by commas.
static size_t format(char *page, uint32_t number)
{
    size_t length = 0;

    while (length + 12 < PAGE) {
        char digits[10];
        size_t n = 0;
        uint32_t rest = number;

        do {
            digits[n++] = (char)('0' + rest % 10);
            rest /= 10;
        } while (rest > 0);
        while (n > 0) {
            page[length++] = digits[--n];
        }
        page[length++] = ',';
    }
    return length;
}

// The sum of all numbers in the page.
static uint32_t parse(const char *page, size_t length)
{
    uint32_t sum = 0, number = 0;

    for (size_t i = 0; i < length; i++) {
        if (page[i] == ',') {
            sum += number;
            number = 0;
        } else {
            number = 10 * number + (uint32_t)(page[i] - '0');
        }
    }
    return sum;
}

// The deep moment.
static uint32_t __attribute__((noinline)) think(uint32_t question)
{
    char page[PAGE];

    return parse(page, format(page, question));
}

static int __attribute__((noinline)) listen(uint32_t *question)
{
    return chan_recv(&questions, question, FOREVER);
}

static int __attribute__((noinline)) talk(uint32_t *sum)
{
    uint32_t question;
    int result = listen(&question);

    if (result == 0) {
        *sum += think(question);
        result = chan_send(&answers, sum, FOREVER);
    }
    return result;
}

static void converse(void *unused)
{
    uint32_t sum = 0;

    (void)unused;
    while (talk(&sum) == 0) {
    }
}

// ---- All of them ----

// What one takes: its control block, and its reserve with its links.
static size_t share(void)
{
    return sizeof(struct shared_tasklet) +
           SHARED_RESERVE / SAVE_CHUNK * (SAVE_CHUNK + sizeof(uint16_t));
}

// All memory that is left, up to RAM_KB in all; the host has no end of it.
static void *rest_of_memory(size_t *size)
{
    size_t used, left, limit = RAM_KB * 1024u;

    arch_memory(&used, &left);
    *size = used < limit ? limit - used : 0;
    if (left > 0 && *size > left) {
        *size = left;
    }
    for (; *size > 0; *size -= sizeof(uintptr_t)) {
        void *memory = malloc(*size);

        if (memory != NULL) {
            return memory;
        }
    }
    return NULL;
}

static struct shared_tasklet *talks;

// As many as there is memory for, less what one needs that is deeper than its reserve.
static unsigned start_all(void)
{
    size_t size;
    unsigned most, n = 0;

    talks = rest_of_memory(&size);
    most = size > STACK_DEPTH ? (unsigned)((size - STACK_DEPTH / 4) / share()) : 0;
    if (most == 0) {
        return 0;
    }
    save_area_init(&saved, talks + most, size - most * sizeof *talks);
    while (n < most && tasklet_spawn_on(&stack, "talk", converse, NULL, &talks[n]) != NULL) {
        n++;
    }
    tasklet_yield(); // they have their turns
    return n;
}

// Whose wait did not fit into its reserve, nor into what was left, has ended.
static unsigned count_waiting(unsigned started)
{
    unsigned n = 0;

    for (unsigned i = 0; i < started; i++) {
        n += tasklet_state(&talks[i].tasklet) == TASKLET_WAITING;
    }
    return n;
}

// They wait in the order in which they were asked last, so each is asked once a round; and all have been asked
// the same, so their sums are the same.
static unsigned ask_all(unsigned n, uint32_t question)
{
    unsigned answered = 0;
    uint32_t first = 0, answer;

    for (unsigned i = 0; i < n; i++) {
        if (chan_send(&questions, &question, FOREVER) == 0 &&
            chan_recv(&answers, &answer, after_ms(1000)) == 0) {
            first = i == 0 ? answer : first;
            answered += answer == first;
        }
    }
    return answered;
}

int main(void)
{
    tasklet_set_priority(tasklet_self(), PRIORITY_LOW); // goes on when all others wait
    unsigned n = count_waiting(start_all()), answered = 0;

    for (uint32_t round = 1; round <= ROUNDS; round++) {
        answered += ask_all(n, 1000 * round);
    }
    uart_printf(board_uarts[0], "%u conversations at once, %u answers\r\n", n, answered);
    if (n > 1) {
        uart_printf(board_uarts[0], "each waits %u bytes deep, and goes %u bytes deep\r\n",
                    (unsigned)(stack.top - (unsigned char *)talks[0].sp),
                    (unsigned)tasklet_stack_used(&talks[0].tasklet));
    }
    uart_flush(board_uarts[0], FOREVER);
    arch_exit(answered != ROUNDS * n);
}

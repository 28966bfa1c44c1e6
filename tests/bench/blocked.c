// SPDX-License-Identifier: MIT
//
// How many tasklets fit into a board's memory, each waiting for a message on a channel of its own with one
// slot: as many as there is room for behind the program's own variables. That they wait and live is seen by
// sending each its number, and the depth of their stacks by a pattern that was there before them.
//
//     blocked COUNT EACH DEPTH     tasklets; bytes of each; the most that one used of its stack
#include "boards/board.h"
#include "io/printf.h"
#include "kernel/chan.h"
#include "kernel/tasklet.h"

enum { PATTERN = 0xA5 };

struct post {
    TASKLET_MEMORY(memory, 0); // the least that a tasklet gets along with
    struct chan letters;
    uint32_t slot;
};

extern struct post __heap_start[], __heap_end[]; // the linker's: what memory is left

static uint32_t sum;

static void wait_for_letters(void *post)
{
    struct post *mine = post;
    uint32_t letter;

    while (chan_recv(&mine->letters, &letter, FOREVER) == 0) {
        sum += letter;
    }
}

static void open_post(struct post *p)
{
    unsigned char *bytes = p->memory;

    for (size_t i = 0; i < sizeof p->memory; i++) {
        bytes[i] = PATTERN;
    }
    chan_init(&p->letters, "letters", &p->slot, 1, sizeof p->slot);
    tasklet_spawn("post", wait_for_letters, p, p->memory, sizeof p->memory);
}

// Bytes of the stack that were ever written to.
static size_t depth(const struct post *p)
{
    const unsigned char *top = p->memory + sizeof p->memory - sizeof(struct tasklet),
                        *at = p->memory;

    while (at < top && *at == PATTERN) {
        at++;
    }
    return (size_t)(top - at);
}

static uint32_t letters_arrive(struct post *posts, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        chan_send(&posts[i].letters, &i, FOREVER);
    }
    tasklet_yield();
    return sum;
}

int main(void)
{
    struct post *posts = __heap_start;
    uint32_t count = (uint32_t)(((uintptr_t)__heap_end - (uintptr_t)posts) / sizeof *posts);
    size_t deepest = 0;

    for (uint32_t i = 0; i < count; i++) {
        open_post(&posts[i]);
    }
    tasklet_yield();
    for (unsigned round = 1; round <= 2; round++) {
        if (letters_arrive(posts, count) != round * (count * (count - 1) / 2)) {
            arch_exit(1);
        }
    }
    for (uint32_t i = 0; i < count; i++) {
        deepest = depth(&posts[i]) > deepest ? depth(&posts[i]) : deepest;
    }
    uart_printf(board_uarts[0], "blocked %u %u %u\r\n", (unsigned)count, (unsigned)sizeof *posts,
                (unsigned)deepest);
    uart_flush(board_uarts[0], FOREVER);
    arch_exit(0);
}

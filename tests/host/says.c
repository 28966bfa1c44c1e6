// SPDX-License-Identifier: MIT
#include "tests/host/says.h"

#include <setjmp.h>
#include <string.h>

#include "boards/board.h"
#include "io/printf.h"
#include "kernel/panic.h"
#include "tests/kernel/suite.h"

static jmp_buf before;
static const char *said;

static void caught(const struct panic_record *r)
{
    said = r->why;
    longjmp(before, 1);
}

void says(const char *sentence, void (*fn)(void))
{
    void (*putc_before)(char) = panic_putc;

    said = "nothing";
    panic_hook = caught;
    panic_putc = NULL;
    if (setjmp(before) == 0) {
        fn();
    }
    panic_hook = NULL;
    panic_putc = putc_before;
    CHECK(strcmp(said, sentence) == 0);
    if (strcmp(said, sentence) != 0) {
        uart_printf(board_uarts[0], "  says  %s\r\n  not   %s\r\n", said, sentence);
    }
}

static void (*in_poll_fn)(void);

static void fire(struct timer *unused)
{
    (void)unused;
    in_poll_fn();
}

void in_poll(void (*fn)(void))
{
    static struct timer timer = TIMER_INIT(fire);

    in_poll_fn = fn;
    timer_arm(&timer, NOWAIT);
    sleep_ms(1);
}

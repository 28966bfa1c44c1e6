// SPDX-License-Identifier: MIT
//
// How a test image reports: a line per test, and a closing line that the harness looks for.
//
//     ok NAME
//     FAIL NAME
//     suite SUITE: N passed, M failed
#pragma once

#include "boards/board.h"
#include "io/printf.h"
#include "kernel/arch.h"
#include "kernel/panic.h"

static unsigned verdicts_passed, verdicts_failed;

// For panic_hook: the end of the run instead of a restart.
static inline void verdict_panic(const struct panic_record *r)
{
    (void)r;
    arch_exit(3);
}

// All that was printed has left: no interrupt of the console comes into what follows.
static inline void verdict_flush(void)
{
    uart_flush(board_uarts[0], FOREVER);
}

static inline void verdict(const char *name, bool good)
{
    uart_printf(board_uarts[0], "%s %s\r\n", good ? "ok" : "FAIL", name);
    verdict_flush();
    verdicts_passed += good;
    verdicts_failed += !good;
}

static inline _Noreturn void verdict_end(const char *suite)
{
    uart_printf(board_uarts[0], "suite %s: %u passed, %u failed\r\n", suite, verdicts_passed,
                verdicts_failed);
    verdict_flush();
    arch_exit(verdicts_failed == 0 ? 0 : 1);
}

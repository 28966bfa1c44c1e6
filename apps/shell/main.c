// SPDX-License-Identifier: MIT
//
// A shell on every serial port of the board.
#include "apps/shell/shell.h"
#include "boards/board.h"
#include "io/uart.h"
#include "kernel/tasklet.h"

#ifndef SHELL_PORTS
#define SHELL_PORTS 2
#endif
enum { SHELL_STACK = 512 + 64 * sizeof(void *) }; // `make stack` says what it must be

const struct command *const shell_tables[] = { shell_commands, NULL };

static struct shell shells[SHELL_PORTS];
#if SHELL_PORTS > 1
static TASKLET_MEMORY(memory[SHELL_PORTS - 1], SHELL_STACK);
#endif

static void serve(void *shell)
{
    shell_run(shell);
}

int main(void)
{
    for (unsigned i = 0; i < SHELL_PORTS && board_uarts[i] != NULL; i++) {
        shells[i].stream = uart_stream(board_uarts[i]);
    }
#if SHELL_PORTS > 1
    for (unsigned i = 1; i < SHELL_PORTS && board_uarts[i] != NULL; i++) {
        tasklet_spawn(board_uarts[i]->name, serve, &shells[i], memory[i - 1], sizeof memory[i - 1]);
    }
#endif
    serve(&shells[0]);
    return 0;
}

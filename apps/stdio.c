// SPDX-License-Identifier: MIT
//
// The same function, written with plain stdio, in conversation on every serial port at once: while
// one tasklet waits in fgets() the others go on.
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "boards/board.h"
#include "io/uart.h"
#include "kernel/tasklet.h"
#include "posix/stdio.h"

enum { PORTS = 2 };

static struct stdio stdios[PORTS];
static TASKLET_MEMORY(memory[PORTS], 2048);

static void adder(void *arg)
{
    unsigned index = (unsigned)(size_t)arg;
    struct stream port = uart_stream(board_uarts[index]);
    char line[80];
    long sum = 0;

    stdio_attach(&stdios[index], &port);
    printf("Port %u: numbers, please; an empty line ends.\n", index);
    while (fgets(line, sizeof line, stdin) != NULL && line[0] != '\n') {
        char *end;

        errno = 0;
        long n = strtol(line, &end, 10);

        if (errno != 0 || end == line) {
            printf("not a number: %s", line);
        } else {
            sum += n;
            printf("sum %ld\n", sum);
        }
    }
    printf("Port %u: the sum is %ld.\n", index, sum);
    stdio_detach();
}

int main(void)
{
    printf("stdio on %s\n", board_name);
    for (size_t i = 0; i < PORTS && board_uarts[i] != NULL; i++) {
        tasklet_spawn("adder", adder, (void *)i, memory[i], sizeof memory[i]);
    }
    return 0;
}

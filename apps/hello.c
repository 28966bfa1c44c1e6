// SPDX-License-Identifier: MIT
//
// The smallest program: one line, then it counts.
#include "boards/board.h"
#include "io/printf.h"
#include "io/uart.h"
#include "kernel/tasklet.h"

int main(void)
{
    struct uart *console = board_uarts[0];

    uart_printf(console, "Hello from Stint on %s.\r\n", board_name);
    for (unsigned n = 1;; n++) {
        sleep_ms(1000);
        uart_printf(console, "%u s\r\n", n);
    }
}

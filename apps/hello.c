// SPDX-License-Identifier: MIT
//
// The smallest program: it says hello, and once a second that it is still there.
#include "boards/board.h"
#include "io/uart.h"
#include "kernel/tasklet.h"

int main(void)
{
    struct stream console = uart_output(board_uarts[0]);

    io_puts(&console, "Hello from Stint on ", FOREVER);
    io_puts(&console, board_name, FOREVER);
    io_puts(&console, ".\r\n", FOREVER);
    for (;;) {
        sleep_ms(1000);
        io_puts(&console, "a second has passed\r\n", FOREVER);
    }
}

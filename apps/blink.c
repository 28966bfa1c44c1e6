// SPDX-License-Identifier: MIT
//
// The LED, on and off each half second; a character on the console where the board has none.
#include "boards/board.h"
#include "io/uart.h"
#include "kernel/tasklet.h"

int main(void)
{
    for (bool on = true;; on = !on) {
        board_led(on);
        uart_write(board_uarts[0], on ? "*" : ".", 1, FOREVER);
        sleep_ms(500);
    }
}

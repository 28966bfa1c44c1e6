// SPDX-License-Identifier: MIT
//
// A serial port that is the process's standard input and output. On a terminal the line discipline
// is switched off, so that Ctrl-C and backspace reach the program, as on a board.
#pragma once

#include "drivers/uart/uart.h"

extern const struct uart_driver uart_host;

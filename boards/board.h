// SPDX-License-Identifier: MIT
//
// What every board gives to the layers above it.
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct uart;

// The name of the board's folder.
extern const char board_name[];

// Its serial ports, the console first; NULL ends the list.
extern struct uart *const board_uarts[];

// Sets clocks, the kernel's clock, the console and panic_putc up. Called once, before the scheduler
// runs.
void board_init(void);

// The board's LED, if it has one (board_has_led). Any context.
extern const bool board_has_led;
void board_led(bool on);

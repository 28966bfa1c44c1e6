// SPDX-License-Identifier: MIT
//
// The UART of an nRF51 (nRF51 Series Reference Manual v3.0, chapter 29 "UART"): a receive FIFO of
// six bytes, one byte of transmit buffer. Its clock is the chip's 16 MHz, whatever u->clock_hz
// says; up to 1 Mbaud.
//
// An error is reported without saying which byte it came with: the last one of those received then
// is dropped.
#pragma once

#include "drivers/uart/uart.h"

extern const struct uart_driver uart_nrf51;

// Which pins of port 0 it has. Before uart_start().
void uart_nrf51_pins(struct uart *u, unsigned tx, unsigned rx);

void uart_nrf51_interrupt(struct uart *u);

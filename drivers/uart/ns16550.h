// SPDX-License-Identifier: MIT
//
// The NS16550A and its kin (National Semiconductor PC16550D data sheet): 16-byte FIFOs, one
// interrupt line.
#pragma once

#include "drivers/uart/uart.h"

extern const struct uart_driver uart_ns16550;

void uart_ns16550_interrupt(struct uart *u);

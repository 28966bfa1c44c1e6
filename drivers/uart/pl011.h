// SPDX-License-Identifier: MIT
//
// The PrimeCell UART PL011 (DDI0183), as in the Stellaris LM3S (data sheet chapter "UARTs") and the
// RP2040 (data sheet 4.2): 16 or 32 bytes of FIFO each way, one interrupt line. The board takes it
// out of reset, enables its clock and gives it its pins before uart_start().
#pragma once

#include "drivers/uart/uart.h"

extern const struct uart_driver uart_pl011;

void uart_pl011_interrupt(struct uart *u);

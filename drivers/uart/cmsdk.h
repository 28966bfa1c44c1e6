// SPDX-License-Identifier: MIT
//
// The CMSDK APB UART (DDI0479, 4.5): no FIFO, one byte of buffer each way, separate interrupt lines
// for receive (u->line) and transmit (the next).
#pragma once

#include "drivers/uart/uart.h"

extern const struct uart_driver uart_cmsdk;

// The handler of both lines.
void uart_cmsdk_interrupt(struct uart *u);

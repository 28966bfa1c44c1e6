// SPDX-License-Identifier: MIT
//
// The SiFive UART (FE310-G002 manual v1p5, chapter 18): FIFOs of 8 bytes each way, one interrupt
// line, watermarks. It does not tell of errors: bytes that arrive at a full FIFO or without a stop
// bit are lost uncounted.
#pragma once

#include "drivers/uart/uart.h"

extern const struct uart_driver uart_sifive;

void uart_sifive_interrupt(struct uart *u);

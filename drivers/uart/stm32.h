// SPDX-License-Identifier: MIT
//
// The USART of the older STM32: F1, F2, F4, L1 (RM0041 chapter 23, RM0090 chapter 30). No FIFO, one
// byte of buffer each way, one interrupt line. The board enables the clock of the USART and gives
// it its pins before uart_start(); u->clock_hz is the clock of the USART's bus.
#pragma once

#include "drivers/uart/uart.h"

extern const struct uart_driver uart_stm32;

void uart_stm32_interrupt(struct uart *u);

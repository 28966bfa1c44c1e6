// SPDX-License-Identifier: MIT
//
// What the two kinds of stream that a serial port can be have in common: see struct stream_ops. Private
// to io/.
#pragma once

#include "io/uart.h"

int uart_try_write(void *device, const void *buf, size_t n);
struct waitq *uart_writable(void *device);
bool uart_can_write(void *device);

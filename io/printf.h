// SPDX-License-Identifier: MIT
//
// Formatted output without the C library's stdio: 600 bytes of code, no buffers but 32 bytes of
// stack, no malloc. For firmware that wants a line now and then, and for small boards.
//
// Conversions: %d %i %u %x %X %p %c %s %%, with flags '-' and '0', a width (or *), a precision for
// %s (or .*), and the lengths hh h l ll z. Anything else is copied as it stands. For floating point
// use the C library's printf (STDIO = 1).
#pragma once

#include <stdarg.h>
#include <stddef.h>

#include "io/uart.h"

#define PRINTF_LIKE(text, first) __attribute__((format(printf, text, first)))

// Writes to a stream, waiting for room as long as it takes. Returns the bytes written, or the error
// that ended it. Context: tasklet.
int io_printf(const struct stream *s, const char *format, ...) PRINTF_LIKE(2, 3);
int io_vprintf(const struct stream *s, const char *format, va_list args);
int uart_printf(struct uart *u, const char *format, ...) PRINTF_LIKE(2, 3);

// Writes to memory: at most size - 1 bytes and a NUL. Returns the length that the whole text has.
// Any context.
int io_snprintf(char *buf, size_t size, const char *format, ...) PRINTF_LIKE(3, 4);

// The formatter beneath: hands pieces of text to `put`, whose negative result ends it and is
// returned. Otherwise the length of the text.
int io_format(int (*put)(void *to, const char *text, size_t n), void *to, const char *format,
              va_list args);

// SPDX-License-Identifier: MIT
//
// The C library's stdio in tasklets: printf(), fgets(), getchar() block only the tasklet that calls
// them, and stdin, stdout, stderr and errno are its own.
//
// A program that includes <stdio.h> needs nothing of this: all its tasklets print on the console.
// Their output does not switch: when the port's ring is full the processor feeds the device itself,
// because the C library cannot have one tasklet in the middle of a FILE and another begin. A tasklet
// that is given a stdio of its own blocks properly, and talks to whatever stream it likes:
//
//     static void conversation(void *uart)
//     {
//         static struct stdio mine[2];                    // outside of the stack, one per tasklet
//         struct stream port = uart_stream(uart);
//
//         stdio_attach(&mine[...], &port);
//         printf("name? ");
//         fgets(line, sizeof line, stdin);
//         stdio_detach();
//     }
//
// newlib: 120 bytes, and FILEs and their buffers from the heap at the first use (about 1.5 KB for a
// tasklet that reads and writes; setvbuf() makes it less). picolibc: the structure below and no heap.
// On the host there is one stdio, the process's.
#pragma once

#include "io/stream.h"
#include "stdio_libc.h"

struct stdio {
    struct stdio_libc libc; // what the C library keeps per thread; first: see stdio_of()
    struct stream stream;
    uint8_t last;   // the last byte read, to take CR LF for one end of line
    uint8_t shared; // by all tasklets that have none of their own
};

// From now on the running tasklet's stdin, stdout and stderr are this stream. `s` stays in place until
// stdio_detach() or the tasklet's end. Lines that are read end with '\n', whatever the terminal sends
// (CR, LF, CR LF); '\n' is written as CR LF. Returns 0, or -ENOTSUP on the host for any stream but
// the console. Context: tasklet.
int stdio_attach(struct stdio *s, const struct stream *stream);

// Flushes, gives the C library's buffers back, and returns to the console. Context: tasklet.
void stdio_detach(void);

// ---- For the glue to each C library (posix/newlib, posix/picolibc) ----

// The stdio of the running tasklet, or of the program before there are tasklets.
struct stdio *stdio_current(void);

// Reads at least one byte, writes all. Bytes, 0 at the end, negative errno.
int stdio_read(struct stdio *s, char *buf, size_t n);
int stdio_write(struct stdio *s, const char *buf, size_t n);

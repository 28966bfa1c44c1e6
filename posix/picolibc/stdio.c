// SPDX-License-Identifier: MIT
//
// picolibc: its FILE holds no buffer, only functions that move one character, so one FILE serves
// all tasklets: the functions find the stream of whoever runs. errno is thread-local, behind the
// thread pointer, which the kernel's switch moves along.
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "boards/board.h"
#include "io/uart.h"
#include "kernel/callgraph.h"
#include "kernel/panic.h"
#include "kernel/tasklet.h"
#include "posix/stdio.h"

_Noreturn void _exit(int code);

static struct stdio console;

static struct stdio *the_console(void)
{
    if (console.stream.ops == NULL) {
        console.stream = uart_stream(board_uarts[0]);
        console.shared = 1;
    }
    return &console;
}

struct stdio *stdio_current(void)
{
    const struct tasklet *t = sched_current();
    struct stdio *s = NULL;

#if CONFIG_LIBC
    s = t != NULL && t->libc.word != arch_libc_default() ? t->libc.word : NULL;
#else
    (void)t;
#endif
    return s != NULL ? s : the_console();
}

int stdio_attach(struct stdio *s, const struct stream *stream)
{
    ASSERT(s != NULL && stream != NULL && sched_current() != NULL,
           "stdio_attach: NULL, or no tasklet");
    ASSERT(arch_libc_size() <= sizeof s->libc,
           "stdio_attach: more thread-local data than expected");
    memset(s, 0, sizeof *s);
    s->stream = *stream;
#if CONFIG_LIBC
    sched_current()->libc.word = s;
    arch_libc_load(s);
#endif
    return 0;
}

void stdio_detach(void)
{
#if CONFIG_LIBC
    sched_current()->libc.word = arch_libc_default();
    arch_libc_load(arch_libc_default());
#endif
}

static int put(char c, FILE *file)
{
    int result = stdio_write(stdio_current(), &c, 1);

    (void)file;
    if (result < 0) {
        errno = -result;
        return _FDEV_ERR;
    }
    return (unsigned char)c;
}

static int get(FILE *file)
{
    char c;
    int result = stdio_read(stdio_current(), &c, 1);

    (void)file;
    if (result < 0) {
        errno = -result;
        return _FDEV_ERR;
    }
    return result == 0 ? _FDEV_EOF : (unsigned char)c;
}

static FILE file = FDEV_SETUP_STREAM(put, get, NULL, _FDEV_SETUP_RW);
CALLS(__d_vfprintf, put);
CALLS(fputs, put);
CALLS(puts, put);
CALLS(fputc, put);
CALLS(getc, get);

FILE *const stdin = &file;
FILE *const stdout = &file;
FILE *const stderr = &file;

void _exit(int code)
{
    arch_exit(code);
}

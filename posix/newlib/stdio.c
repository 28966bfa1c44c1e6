// SPDX-License-Identifier: MIT
//
// newlib: one struct _reent per tasklet that has a stdio of its own; the kernel's switch moves
// _impure_ptr along. The system calls below stand on the stream of whoever runs.
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "boards/board.h"
#include "io/uart.h"
#include "kernel/panic.h"
#include "kernel/tasklet.h"
#include "posix/stdio.h"

// newlib's stubs set the plain variable, and its wrappers copy it into the reentrancy structure.
#undef errno
extern int errno;

int _read(int fd, char *buf, int n);
int _write(int fd, const char *buf, int n);
int _close(int fd);
int _lseek(int fd, int offset, int whence);
int _fstat(int fd, struct stat *st);
int _isatty(int fd);
int _getpid(void);
int _kill(int pid, int sig);
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
    return _REENT == arch_libc_default() ? the_console() : (struct stdio *)(void *)_REENT;
}

static void use(struct _reent *reent)
{
#if CONFIG_LIBC
    sched_current()->libc.word = reent;
#endif
    _impure_ptr = reent;
}

int stdio_attach(struct stdio *s, const struct stream *stream)
{
    ASSERT(s != NULL && stream != NULL && sched_current() != NULL,
           "stdio_attach: NULL, or no tasklet");
    memset(s, 0, sizeof *s);
    s->stream = *stream;
    _REENT_INIT_PTR(&s->libc.reent);
    use(&s->libc.reent);
    return 0;
}

void stdio_detach(void)
{
    struct _reent *reent = _REENT;

    if (reent != arch_libc_default()) {
        fflush(NULL);
        _reclaim_reent(reent);
        use(arch_libc_default());
    }
}

static int result_of(int n)
{
    if (n < 0) {
        errno = -n;
        return -1;
    }
    return n;
}

int _read(int fd, char *buf, int n)
{
    return fd != 0 ? result_of(-EBADF) : result_of(stdio_read(stdio_current(), buf, (size_t)n));
}

int _write(int fd, const char *buf, int n)
{
    if (fd != 1 && fd != 2) {
        return result_of(-EBADF);
    }
    return result_of(stdio_write(stdio_current(), buf, (size_t)n));
}

int _close(int fd)
{
    (void)fd;
    return result_of(-EBADF);
}

int _lseek(int fd, int offset, int whence)
{
    (void)fd;
    (void)offset;
    (void)whence;
    return result_of(-ESPIPE);
}

// A terminal, so that newlib flushes at the end of each line.
int _fstat(int fd, struct stat *st)
{
    (void)fd;
    memset(st, 0, sizeof *st);
    st->st_mode = S_IFCHR;
    return 0;
}

int _isatty(int fd)
{
    return fd >= 0 && fd <= 2;
}

int _getpid(void)
{
    return 1;
}

int _kill(int pid, int sig)
{
    (void)pid;
    (void)sig;
    panic("the C library ended the program (abort, or raise)");
}

void _exit(int code)
{
    arch_exit(code);
}

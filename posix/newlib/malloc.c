// SPDX-License-Identifier: MIT
//
// What newlib's malloc() asks of the system: memory behind the program's own, up to the end of RAM,
// and a lock. Linked as an object of its own, for newlib's archive has a lock as well, and would
// win.
#include <errno.h>
#include <stddef.h>
#include <sys/reent.h>

#include "kernel/arch.h"
#include "kernel/panic.h"

#undef errno
extern int errno;

void *_sbrk(ptrdiff_t increment);
void __malloc_lock(struct _reent *r);
void __malloc_unlock(struct _reent *r);

extern char __heap_start[], __heap_end[];

void *_sbrk(ptrdiff_t increment)
{
    static char *top = __heap_start;

    if (increment > __heap_end - top || increment < __heap_start - top) {
        errno = ENOMEM;
        return (void *)-1;
    }
    top += increment;
    return top - increment;
}

// Nothing in malloc() switches, so all that could go wrong is an interrupt handler that calls it.
void __malloc_lock(struct _reent *r)
{
    (void)r;
    ASSERT(!arch_in_interrupt(), "malloc, or free: called from an interrupt");
}

void __malloc_unlock(struct _reent *r)
{
    (void)r;
}

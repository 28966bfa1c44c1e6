// SPDX-License-Identifier: MIT
//
// The data copy of a rendezvous: the one place where a tasklet's pointer is followed by another. Channels
// and services copy an element from one waiting tasklet's memory to another's, once.
//
// The other may be one that shares a stack and is not on it: then its bytes lie in the save area. So that
// nobody else pays for the question, it answers it itself: the address that it waits with is marked, if it
// lies on its stack, by being inverted. An aligned address becomes one that is not, and is no short copy; and
// the long ones are calls of memcpy() in programs without shared stacks: the linker knows (PROVIDE in
// linker/*.ld; on the host, arch/host/start.c).
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "kernel/wait.h"

enum { RENDEZVOUS_SHORT = sizeof(uint32_t) };

static inline int rendezvous_is_short(const void *to, const void *from, size_t size)
{
    return size == RENDEZVOUS_SHORT && (((uintptr_t)to | (uintptr_t)from) & 3) == 0;
}

// Copies between memory of the running tasklet's and of nobody's.
static inline void rendezvous_copy(void *to, const void *from, size_t size)
{
    if (rendezvous_is_short(to, from, size)) {
        *(uint32_t *)to = *(const uint32_t *)from;
    } else {
        memcpy(to, from, size);
    }
}

// shared_stack.c's, or memcpy(). Weak, so that asking for them does not link it.
void rendezvous_put(void *to, const void *from, size_t size, struct waiter *other)
    __attribute__((weak));
void rendezvous_get(void *to, const void *from, size_t size, struct waiter *other)
    __attribute__((weak));

// Copies to an address that `other` waits with.
static inline void rendezvous_copy_to(struct waiter *other, void *to, const void *from, size_t size)
{
    if (rendezvous_is_short(to, from, size)) {
        *(uint32_t *)to = *(const uint32_t *)from;
    } else {
        rendezvous_put(to, from, size, other);
    }
}

// Copies from an address that `other` waits with.
static inline void rendezvous_copy_from(struct waiter *other, void *to, const void *from,
                                        size_t size)
{
    if (rendezvous_is_short(to, from, size)) {
        *(uint32_t *)to = *(const uint32_t *)from;
    } else {
        rendezvous_get(to, from, size, other);
    }
}

// SPDX-License-Identifier: MIT
//
// The data copy of a rendezvous: the one place where a tasklet's pointer is followed by another. Channels
// and services copy an element from one waiting tasklet's memory to another's, once.
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <string.h>

static inline void rendezvous_copy(void *to, const void *from, size_t size)
{
    if (size == sizeof(uint32_t) && (((uintptr_t)to | (uintptr_t)from) & 3) == 0) {
        *(uint32_t *)to = *(const uint32_t *)from;
    } else {
        memcpy(to, from, size);
    }
}

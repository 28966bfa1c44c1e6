// SPDX-License-Identifier: MIT
//
// The source of boards that have none: see jitter.h for what it is not.
#include "drivers/entropy/jitter.h"

#include "drivers/entropy/entropy.h"

const char *entropy_source = "jitter";
bool entropy_is_good = false;

size_t entropy_read(void *buf, size_t n)
{
    return jitter_read(buf, n);
}

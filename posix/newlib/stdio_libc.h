// SPDX-License-Identifier: MIT
//
// What newlib keeps per thread.
#pragma once

#include <sys/reent.h>

struct stdio_libc {
    struct _reent reent;
};

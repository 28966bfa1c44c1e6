// SPDX-License-Identifier: MIT
//
// What picolibc keeps per thread: its thread-local variables, of which errno is the only one that
// our programs link (asserted in stdio.c against the linker's count).
#pragma once

#include <stdint.h>

struct stdio_libc {
    char tls[16] __attribute__((aligned(16)));
};

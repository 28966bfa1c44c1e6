// SPDX-License-Identifier: MIT
//
// The host's C library keeps its own.
#pragma once

struct stdio_libc {
    char none[0];
};

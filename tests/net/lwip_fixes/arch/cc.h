// SPDX-License-Identifier: MIT
//
// What lwIP wants to know of its platform: on this machine, a failed assertion ends the program.
#ifndef ARCH_CC_H
#define ARCH_CC_H

#include <stdio.h>
#include <stdlib.h>

#define LWIP_PLATFORM_DIAG(x) printf x
#define LWIP_PLATFORM_ASSERT(x)                                                                    \
    do {                                                                                           \
        fprintf(stderr, "%s:%d: assertion: %s\n", __FILE__, __LINE__, x);                          \
        abort();                                                                                   \
    } while (0)

#endif

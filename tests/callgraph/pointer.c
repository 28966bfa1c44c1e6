// SPDX-License-Identifier: MIT
//
// A planted fault: a call through a pointer of which nobody knows where it leads.
#include <stdint.h>

#include "kernel/tasklet.h"

volatile uintptr_t anywhere;

int main(void)
{
    return ((int (*)(int))anywhere)(1) + 1;
}

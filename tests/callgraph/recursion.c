// SPDX-License-Identifier: MIT
//
// A planted fault: a recursion that nobody has bounded.
#include "kernel/tasklet.h"

static int fibonacci(volatile int n);

static __attribute__((noinline)) int sum(int n)
{
    return fibonacci(n - 1) + fibonacci(n - 2);
}

static __attribute__((noinline)) int fibonacci(volatile int n)
{
    return n < 2 ? n : sum(n);
}

int main(void)
{
    return fibonacci(5);
}

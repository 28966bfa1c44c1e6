// SPDX-License-Identifier: MIT
//
// apps/echo.c, and objects as large as what a connection of it takes that is idle: a tasklet to each.
#include "kernel/tasklet.h"
#include "net/socket.h"

struct worker {
    TASKLET_MEMORY(memory, STACK_OF(echo));
};

#define SHOW(name, size)                                                                           \
    extern const char name[size];                                                                  \
    const char name[size] = { 0 }

SHOW(size_of_pcb, sizeof(struct tcp_pcb));
SHOW(size_of_sock, sizeof(struct sock));
SHOW(size_of_block, sizeof(struct tasklet));
SHOW(size_of_stack, sizeof(struct worker) - sizeof(struct tasklet) - ARCH_GUARD_SIZE);
SHOW(size_of_worker, sizeof(struct worker));

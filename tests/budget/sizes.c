// SPDX-License-Identifier: MIT
//
// Objects as large as the kernel's types, for whoever reads their sizes from the symbol table.
#include "kernel/chan.h"
#include "kernel/mutex.h"
#include "kernel/semaphore.h"
#include "kernel/tasklet.h"

#define SHOW(name, type)                                                                           \
    extern const char size_of_##name[sizeof(type)];                                                \
    const char size_of_##name[sizeof(type)] = { 0 }

SHOW(tasklet, struct tasklet);
SHOW(semaphore, struct semaphore);
SHOW(mutex, struct mutex);
SHOW(channel, struct chan);
SHOW(timer, struct timer);

int main(void)
{
    return 0;
}

// SPDX-License-Identifier: MIT
//
// Objects as large as the kernel's types, for whoever reads their sizes from the symbol table.
#include "kernel/tasklet.h"

extern const char size_of_tasklet[sizeof(struct tasklet)];
const char size_of_tasklet[sizeof(struct tasklet)] = { 0 };

int main(void)
{
    return 0;
}

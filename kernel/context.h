// SPDX-License-Identifier: MIT
//
// Where a switch finds what it needs of a tasklet, in words; for C and the ports' assembly alike. The
// other end of it is struct tasklet, whose first members are a struct waiter and the stack pointer.
//
//      word  0, 1      2                3                          4
//            links     level, flags     value it is resumed with   stack pointer
#pragma once

#define CONTEXT_VALUE_WORD 3
#define CONTEXT_SP_WORD    4

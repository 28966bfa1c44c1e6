// SPDX-License-Identifier: MIT
//
// One source for RV32 and RV64: loads and stores of a register.
#pragma once

#include "features.h"

#if __riscv_xlen == 64
#define LOAD  ld
#define STORE sd
#else
#define LOAD  lw
#define STORE sw
#endif

#if RISCV_FLEN == 8
#define FLOAD  fld
#define FSTORE fsd
#elif RISCV_FLEN == 4
#define FLOAD  flw
#define FSTORE fsw
#endif

#define MSTATUS_FS       0x6000 // 0 off, 1 initial, 2 clean, 3 dirty
#define MSTATUS_FS_CLEAN 0x4000

// SPDX-License-Identifier: MIT
//
// What this RISC-V processor has, from the compiler's own macros; for C and assembly alike.
#pragma once

#define RISCV_WORD (__riscv_xlen / 8)

#ifdef __riscv_flen
#define RISCV_FLEN (__riscv_flen / 8)
#else
#define RISCV_FLEN 0
#endif

// ra, s0-s11, and a word or three for the alignment of 16 bytes.
#define RISCV_FRAME ((13 * RISCV_WORD + 15) / 16 * 16)

// fs0-fs11, fcsr, ra.
#define RISCV_FP_FRAME (RISCV_FLEN == 0 ? 0 : (12 * RISCV_FLEN + 8 + 15) / 16 * 16)
#define RISCV_FP_SIZE  ((12 * RISCV_FLEN + 8 + 15) / 16 * 16)

// pmpcfg0. Entry 0 is the guard: NAPOT, no access. Entries 1 and 2 are RAM from here to there (TOR): to be
// read and written, and locked, so that it binds machine mode itself. Entry 3 is everything, NAPOT, all access.
#define RISCV_GUARD_CONFIG 0x1F8B0018

// ra, t0-t6, a0-a7.
#define RISCV_TRAP_FRAME ((16 * RISCV_WORD + 15) / 16 * 16)

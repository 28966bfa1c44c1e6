// SPDX-License-Identifier: MIT
//
// What this Cortex-M has, from the compiler's own macros; for C and assembly alike.
#pragma once

#if defined(__ARM_ARCH_8M_MAIN__) || defined(__ARM_ARCH_8_1M_MAIN__)
#define ARM_HAS_PSPLIM 1
#else
#define ARM_HAS_PSPLIM 0
#endif

#if defined(__ARM_ARCH_7M__) || defined(__ARM_ARCH_7EM__)
#define ARM_HAS_MPU_V7 1
#else
#define ARM_HAS_MPU_V7 0
#endif

#define ARM_HAS_MPU_V8 ARM_HAS_PSPLIM

// Where r4 stands in a switch frame, in words: see switch.S.
#if defined(__ARM_ARCH_6M__)
#define ARM_FRAME_R4 4
#else
#define ARM_FRAME_R4 ARM_HAS_PSPLIM
#endif

// A function that has saved lr can leave by a jump to another: Thumb-1 does not load it from the stack.
#if defined(__ARM_ARCH_6M__)
#define ARM_HAS_TAIL_CALLS 0
#else
#define ARM_HAS_TAIL_CALLS 1
#endif

#ifdef __ARM_FP
#define ARM_HAS_FPU 1
#else
#define ARM_HAS_FPU 0
#endif

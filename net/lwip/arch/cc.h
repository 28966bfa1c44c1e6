// SPDX-License-Identifier: MIT
//
// What lwIP asks of the compiler and the processor (its doc/sys_arch.txt).
#pragma once

#include <errno.h>
#include <stdint.h>

#include "kernel/panic.h"

#define LWIP_NO_INTTYPES_H 1
#define LWIP_NO_CTYPE_H    1
#define LWIP_ERR_T         int8_t
#define U8_F               "u"
#define X8_F               "x"
#define U16_F              "u"
#define S16_F              "d"
#define X16_F              "x"
#define U32_F              "u"
#define S32_F              "d"
#define X32_F              "x"
#define SZT_F              "u"

#define LWIP_PLATFORM_DIAG(x)   ((void)0)
#define LWIP_PLATFORM_ASSERT(x) panic("lwIP: " x)

uint32_t random_u32(void);
#define LWIP_RAND() random_u32()

uint16_t arch_checksum(const void *data, int length);
#define LWIP_CHKSUM arch_checksum

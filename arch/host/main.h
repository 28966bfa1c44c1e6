// SPDX-License-Identifier: MIT
//
// Included before every source of a host build: the process has a main() of its own, so the
// program's takes another name.
#pragma once

int stint_main(void);
#define main stint_main

// SPDX-License-Identifier: MIT
//
// The web site of a board, for programs that serve it.
#pragma once

enum { HTTP_PORT = 80 };

// Serves the board's web site. Returns only with an error. Context: tasklet; 512 bytes of stack.
int site_run(void);

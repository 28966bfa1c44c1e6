// SPDX-License-Identifier: MIT
//
// A line editor for terminals: echo, backspace, Ctrl-U, Ctrl-C, and history with the arrow keys.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "io/stream.h"

#ifndef SHELL_LINE
#define SHELL_LINE 80 // characters in a line
#endif
#ifndef SHELL_HISTORY
#define SHELL_HISTORY 320 // bytes of earlier lines
#endif

struct line {
    char text[SHELL_LINE + 1]; // the line, NUL-terminated
    uint16_t length;
    uint16_t shown;              // which line of the history is shown; 0: none, 1: the latest
    uint8_t escape;              // characters of an escape sequence seen so far
    char last;                   // the character before, to take CR LF for one end of line
    char history[SHELL_HISTORY]; // NUL-terminated lines, the latest first
};

// Reads a line behind the prompt. Returns its length (0 for an empty one); -EINTR after Ctrl-C,
// which abandons it; or the stream's error. What does not fit rings the bell and is left out.
int line_read(struct line *l, const struct stream *s, const char *prompt);

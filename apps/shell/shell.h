// SPDX-License-Identifier: MIT
//
// A shell on any stream: the same function serves every serial port, and later telnet.
#pragma once

#include <stddef.h>

#include "apps/shell/line.h"
#include "io/stream.h"

struct shell {
    struct stream stream;
    struct line line;
};

struct command {
    const char *name;
    const char *arguments; // for help
    const char *about;
    // argv[0] is the name, argv[argc] NULL. Returns 0, or a negative errno, which the shell prints.
    // A call in it that waits returns -ECANCELED when the user types Ctrl-C: then it ends.
    int (*run)(struct shell *s, int argc, char **argv);
};

// The commands, ended by one without name.
extern const struct command shell_commands[];

// Serves the stream until it ends. Context: tasklet; 600 bytes of stack.
void shell_run(struct shell *s);

// Runs one line, which is cut into words in place. Returns the command's result, -ENOENT if there
// is none of that name, 0 for an empty line.
int shell_execute(struct shell *s, char *line);

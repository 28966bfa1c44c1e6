// SPDX-License-Identifier: MIT
//
// A shell on any stream: the same function serves every serial port, and telnet.
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "apps/shell/line.h"
#include "io/stream.h"

struct shell {
    struct stream stream;
    struct line line;
    bool ended; // a command has asked for it
};

struct command {
    const char *name;
    const char *arguments; // for help
    const char *about;
    // argv[0] is the name, argv[argc] NULL. Returns 0, or a negative errno, which the shell prints.
    // A call in it that waits returns -ECANCELED when the user types Ctrl-C: then it ends.
    int (*run)(struct shell *s, int argc, char **argv);
};

// The program's commands: tables of them, each ended by one without name; NULL ends the list. Defined
// by the program:
//     const struct command *const shell_tables[] = { shell_commands, net_commands, NULL };
extern const struct command *const shell_tables[];

extern const struct command shell_commands[]; // every board's
extern const struct command net_commands[];   // for programs with a network

// Serves the stream until it ends, or the user says `exit`; then its background commands are ended, too.
// Context: tasklet; 600 bytes of stack, 1,200 with net_commands.
void shell_run(struct shell *s);

// Runs one line, which is cut into words in place. Returns the command's result, -ENOENT if there
// is none of that name, 0 for an empty line.
int shell_execute(struct shell *s, char *line);

// Ends the background commands that print to the same stream, and waits until they have.
void shell_end_jobs(const struct shell *s);

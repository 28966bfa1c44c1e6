// SPDX-License-Identifier: MIT
//
// The shell's loop: read a line, run it, print what went wrong. A command runs in the shell's own
// tasklet; while it does, Ctrl-C is a request to cancel, which ends the wait that the command is
// in.
#include "apps/shell/shell.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "boards/board.h"
#include "io/printf.h"
#include "kernel/tasklet.h"

enum { WORDS = 8, CTRL_C = 3 };

static int split(char *line, char **words)
{
    int n = 0;

    for (char *p = line; n < WORDS;) {
        while (*p == ' ') {
            *p++ = '\0';
        }
        if (*p == '\0') {
            break;
        }
        words[n++] = p;
        while (*p != ' ' && *p != '\0') {
            p++;
        }
    }
    words[n] = NULL;
    return n;
}

int shell_execute(struct shell *s, char *line)
{
    char *words[WORDS + 1];
    int n = split(line, words);

    if (n == 0) {
        return 0;
    }
    for (const struct command *const *table = shell_tables; *table != NULL; table++) {
        for (const struct command *c = *table; c->name != NULL; c++) {
            if (strcmp(c->name, words[0]) == 0) {
                return c->run(s, n, words);
            }
        }
    }
    return -ENOENT;
}

static void interrupt(void *tasklet)
{
    tasklet_cancel(tasklet);
}

static void watch_ctrl_c(struct shell *s, bool on)
{
    const struct stream *stream = &s->stream;

    if (stream->ops->on_key != NULL) {
        stream->ops->on_key(stream->device, CTRL_C, on ? interrupt : NULL, tasklet_self());
    }
}

static const char *words_for(int error)
{
    switch (-error) {
    case ENOENT:
        return "no such command or name; try help";
    case EINVAL:
        return "wrong argument; try help";
    case ENOMEM:
        return "no room for more";
    case ECANCELED:
        return "cancelled";
    case ESRCH:
        return "it has ended already";
    case ETIMEDOUT:
        return "no answer in time";
    case ECONNREFUSED:
        return "nobody listens there";
    case EHOSTUNREACH:
        return "no way to get there";
    default:
        return NULL;
    }
}

static void complain(struct shell *s, int error)
{
    const char *text = words_for(error);

    if (text != NULL) {
        io_printf(&s->stream, "%s\r\n", text);
    } else {
        io_printf(&s->stream, "error %d\r\n", -error);
    }
}

void shell_run(struct shell *s)
{
    io_printf(&s->stream, "\r\nStint on %s. 'help' lists the commands.\r\n", board_name);
    for (s->ended = false; !s->ended;) {
        int length = line_read(&s->line, &s->stream, "stint> ");

        if (length == -EINTR || length == -ECANCELED) {
            continue; // a Ctrl-C; or one that came as the last command ended
        }
        if (length < 0) {
            break;
        }
        watch_ctrl_c(s, true);
        int result = shell_execute(s, s->line.text);

        watch_ctrl_c(s, false);
        if (result < 0) {
            complain(s, result);
        }
    }
    shell_end_jobs(s);
}

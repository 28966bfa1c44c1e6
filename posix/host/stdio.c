// SPDX-License-Identifier: MIT
//
// On the host there is one stdio, the process's; a tasklet that reads from it holds up all others.
#include <errno.h>
#include <stdio.h>

#include "boards/board.h"
#include "posix/stdio.h"

int stdio_attach(struct stdio *s, const struct stream *stream)
{
    if (stream->device != board_uarts[0]) {
        return -ENOTSUP;
    }
    s->stream = *stream;
    return 0;
}

void stdio_detach(void)
{
    fflush(stdout);
}

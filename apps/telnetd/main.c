// SPDX-License-Identifier: MIT
//
// Telnet into the board: `telnet localhost 2323` under `make run`.
#include "apps/shell/shell.h"
#include "apps/telnetd/server.h"
#include "net/net.h"

const struct command *const shell_tables[] = { shell_commands, net_commands, NULL };

int main(void)
{
    if (net_start(NULL) != 0) {
        return 1;
    }
    return telnetd_serve(TELNET_PORT, TELNET_IDLE_MS) != 0;
}

// SPDX-License-Identifier: MIT
//
// A telnet server that has little patience.
#include "apps/shell/shell.h"
#include "apps/telnetd/server.h"
#include "net/net.h"

const struct command *const shell_tables[] = { shell_commands, net_commands, NULL };

int main(void)
{
    return net_start(NULL) != 0 || telnetd_serve(TELNET_PORT, 1500) != 0;
}

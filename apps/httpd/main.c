// SPDX-License-Identifier: MIT
//
// A web server: a page about the board itself, and what the page asks for.
#include "apps/httpd/site.h"
#include "boards/board.h"
#include "io/printf.h"
#include "kernel/tasklet.h"
#include "net/net.h"

static TASKLET_MEMORY(announcer_memory, STACK_OF(announce));

// Says where the server is, each time that changes.
static void announce(void *unused)
{
    struct net_addr a;
    char text[NET_ADDR_TEXT];
    unsigned said = 0;

    (void)unused;
    net_wait(after_ms(10000)); // the first in the list comes late
    while (sleep_ms(100) == 0) {
        for (; net_address(said, &a); said++) {
            const char *form = a.family == NET_IPV6 ? "http://[%s]/\r\n" : "http://%s/\r\n";

            uart_printf(board_uarts[0], form, net_addr_text(&a, text));
        }
    }
}

int main(void)
{
    int error = net_start(NULL);

    if (error == 0) {
        tasklet_spawn("announcer", announce, NULL, announcer_memory, sizeof announcer_memory);
        error = site_run();
    }
    uart_printf(board_uarts[0], "httpd: error %d\r\n", error);
    return 1;
}

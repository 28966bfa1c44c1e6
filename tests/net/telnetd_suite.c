// SPDX-License-Identifier: MIT
//
// A telnet server that is cancelled ends, wherever it waits, and leaves nothing behind but the sessions that
// are open.
#include <errno.h>
#include <string.h>

#include "apps/shell/shell.h"
#include "apps/telnetd/server.h"
#include "net/sock.h"
#include "tests/kernel/suite.h"
#include "tests/net/peer.h"

enum { SESSIONS = 4, IDLE_MS = 2000 };

const struct command *const shell_tables[] = { shell_commands, NULL };

static struct sock *clients[SESSIONS + 1];
static int served;

static void serve(void *unused)
{
    (void)unused;
    served = telnetd_serve(TELNET_PORT, IDLE_MS);
}

static void call(unsigned count)
{
    struct net_addr to = peer_address(TELNET_PORT);

    for (unsigned i = 0; i < count; i++) {
        CHECK_IS(sock_connect(&clients[i], &to, after_ms(1000)), 0);
    }
    sleep_ms(50);
}

static void hang_up(unsigned count)
{
    while (count > 0) {
        sock_abort(clients[--count]);
    }
}

static void cancel(struct tasklet *server)
{
    tasklet_cancel(server);
    CHECK_IS(tasklet_join(server, after_ms(1000)), 0);
    CHECK_IS(served, -ECANCELED);
}

static void while_nobody_calls(void)
{
    peer_pools_note();
    struct tasklet *server = worker("server", serve, NULL);

    sleep_ms(10);
    cancel(server);
    peer_pools_rest();
}

static void while_a_caller_is_turned_away(void)
{
    peer_pools_note();
    struct tasklet *server = worker("server", serve, NULL);

    call(SESSIONS + 1);
    cancel(server);
    hang_up(SESSIONS + 1);
    peer_pools_rest();
}

// The greeting may wait for the acknowledgement of the first offers.
static bool greeted(struct sock *s)
{
    char text[128];
    int n, got = 0;

    while (got < (int)sizeof text - 1 &&
           (n = sock_recv(s, text + got, sizeof text - 1 - (size_t)got, after_ms(500))) > 0) {
        got += n;
    }
    text[got] = '\0';
    return strstr(text, "Stint on") != NULL;
}

static void it_serves_again_with_all_sessions(void)
{
    peer_pools_note();
    struct tasklet *server = worker("server", serve, NULL);

    call(SESSIONS);
    cancel(server);
    server = worker("server", serve, NULL);
    hang_up(SESSIONS);
    sleep_ms(1000);
    call(SESSIONS);
    for (unsigned i = 0; i < SESSIONS; i++) {
        CHECK(greeted(clients[i]));
    }
    cancel(server);
    hang_up(SESSIONS);
    peer_pools_rest();
}

int main(void)
{
    static const struct suite_case cases[] = {
        CASE(while_nobody_calls),
        CASE(while_a_caller_is_turned_away),
        CASE(it_serves_again_with_all_sessions),
    };

    peer_start();
    SUITE_RUN("telnetd", cases);
}

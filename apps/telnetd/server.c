// SPDX-License-Identifier: MIT
#include "apps/telnetd/server.h"

#include <stddef.h>

#include "apps/shell/shell.h"
#include "apps/telnetd/telnet.h"
#include "kernel/pool.h"
#include "kernel/tasklet_pool.h"
#include "net/sock.h"

#ifndef TELNETD_SESSIONS
#define TELNETD_SESSIONS 4
#endif
enum { SESSION_STACK = 1536 };

struct session {
    struct telnet telnet;
    struct shell shell;
};

static POOL(sessions, struct session, TELNETD_SESSIONS);
static TASKLET_POOL(tasklets, TELNETD_SESSIONS, SESSION_STACK);

static void serve(void *arg)
{
    struct session *session = arg;

    session->shell.stream = telnet_stream(&session->telnet);
    shell_run(&session->shell);
    telnet_close(&session->telnet);
    pool_free(&sessions, session);
}

// What the caller has sent meanwhile is read, for unread bytes would turn the end into a reset, and that
// overtakes the word.
static void turn_away(struct sock *s)
{
    static const char busy[] = "busy, try again later\r\n";
    deadline_t limit = after_ms(300);
    char unread[32];

    sock_send_const(s, busy, sizeof busy - 1, NOWAIT);
    sock_shutdown(s, SOCK_SEND);
    while (sock_recv(s, unread, sizeof unread, limit) > 0) {
    }
    sock_close(s);
}

int telnetd_serve(uint16_t port, uint32_t idle_ms)
{
    struct sock *listener, *s;
    int result = sock_listen(&listener, port);

    if (result != 0) {
        return result;
    }
    while ((result = sock_accept(listener, &s, FOREVER)) == 0) {
        struct session *session = pool_alloc(&sessions);

        if (session == NULL) {
            turn_away(s);
            continue;
        }
        session->shell = (struct shell){ 0 };
        telnet_open(&session->telnet, s, idle_ms);
        tasklet_pool_spawn(&tasklets, "telnet", serve, session, FOREVER);
    }
    sock_close(listener);
    return result;
}

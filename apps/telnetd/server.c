// SPDX-License-Identifier: MIT
#include "apps/telnetd/server.h"

#include <errno.h>
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
// overtakes the word. Returns 0, or -ECANCELED.
static int turn_away(struct sock *s)
{
    static const char busy[] = "busy, try again later\r\n";
    deadline_t limit = after_ms(300);
    char unread[32];
    int n;

    sock_send_const(s, busy, sizeof busy - 1, NOWAIT);
    sock_shutdown(s, SOCK_SEND);
    while ((n = sock_recv(s, unread, sizeof unread, limit)) > 0) {
    }
    sock_close(s);
    return n == -ECANCELED ? n : 0;
}

static int begin_session(struct sock *s, uint32_t idle_ms)
{
    struct session *session = pool_alloc(&sessions);

    if (session == NULL) {
        return turn_away(s);
    }
    session->shell = (struct shell){ 0 };
    telnet_open(&session->telnet, s, idle_ms);
    int result = tasklet_pool_spawn(&tasklets, "telnet", serve, session, FOREVER);

    if (result != 0) {
        telnet_close(&session->telnet);
        pool_free(&sessions, session);
    }
    return result;
}

int telnetd_serve(uint16_t port, uint32_t idle_ms)
{
    struct sock *listener, *s;
    int result = sock_listen(&listener, port);

    if (result != 0) {
        return result;
    }
    while (result == 0 && (result = sock_accept(listener, &s, FOREVER)) == 0) {
        result = begin_session(s, idle_ms);
    }
    sock_close(listener);
    return result;
}

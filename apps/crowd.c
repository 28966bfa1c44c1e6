// SPDX-License-Identifier: MIT
//
// An echo server for as many as 64 KB hold (RFC 862, on port 7): apps/echo.c on a shared stack. A connection that
// waits keeps its control block, its socket and some two hundred bytes of the stack.
#include "kernel/shared_stack.h"
#include "net/net.h"
#include "net/sock.h"

enum { CONNECTIONS = 56, KEPT = 224 };

static SAVE_AREA(saved, CONNECTIONS *KEPT);
static STACK(stack, STACK_OF(serve), &saved);
static struct shared_tasklet crew[CONNECTIONS];
static struct sock *listener;

// What has arrived is sent from where it lies: no buffer is kept while nothing comes.
static void echo(struct sock *s)
{
    const void *data;
    int n, sent = 0;

    while (sent >= 0 && (n = sock_borrow(s, &data, after_ms(600000))) > 0) {
        sent = sock_send(s, data, (size_t)n, after_ms(10000));
        sock_release(s, (size_t)n);
    }
    sock_close(s);
}

static void serve(void *unused)
{
    struct sock *s;

    (void)unused;
    while (sock_accept(listener, &s, FOREVER) == 0) {
        echo(s);
    }
}

int main(void)
{
    if (net_start(NULL) != 0 || sock_listen(&listener, 7) != 0) {
        return 1;
    }
    for (unsigned i = 0; i < CONNECTIONS; i++) {
        if (tasklet_spawn_on(&stack, "echo", serve, NULL, &crew[i]) == NULL) {
            return 1;
        }
    }
    return sleep_until(FOREVER) != 0;
}

// SPDX-License-Identifier: MIT
//
// A TCP echo server, one tasklet per connection (RFC 862, on port 7).
#include "kernel/tasklet_pool.h"
#include "net/net.h"
#include "net/sock.h"

static TASKLET_POOL(workers, 16, STACK_OF(echo));

static void echo(void *sock)
{
    char buf[256];
    int n;

    sock_close_at_end(sock);
    while ((n = sock_recv(sock, buf, sizeof buf, after_ms(60000))) > 0) {
        if (sock_send(sock, buf, (size_t)n, after_ms(10000)) != n) {
            break;
        }
    }
}

int main(void)
{
    struct sock *listener, *s;

    if (net_start(NULL) != 0 || sock_listen(&listener, 7) != 0) {
        return 1;
    }
    while (sock_accept(listener, &s, FOREVER) == 0) {
        tasklet_pool_spawn(&workers, "echo", echo, s, FOREVER);
    }
    return 0;
}

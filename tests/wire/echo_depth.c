// SPDX-License-Identifier: MIT
//
// apps/echo.c as it is, and on UDP port 99 how many of its tasklets run, how much stack they have, and the
// most that any of them has used.
#include <string.h>

#include "io/printf.h"
#include "kernel/tasklet.h"
#include "net/sock.h"

static TASKLET_MEMORY(depth_memory, STACK_OF(tell_depth));

int __real_main(void);
int __wrap_main(void);

static void tell_depth(void *unused)
{
    struct net_addr from;
    struct sock *s;
    char text[40];

    (void)unused;
    sock_udp(&s, &(struct net_addr){ .port = 99 });
    while (sock_recv_from(s, text, sizeof text, &from, FOREVER) >= 0) {
        unsigned count = 0, size = 0, most = 0;

        for (struct list *l = tasklet_all.next; l != &tasklet_all; l = l->next) {
            const struct tasklet *t = container_of(l, struct tasklet, all);

            if (strcmp(t->name, "echo") == 0) {
                unsigned used = (unsigned)tasklet_stack_used(t);

                count++;
                size = (unsigned)tasklet_stack_size(t);
                most = used > most ? used : most;
            }
        }
        int n = io_snprintf(text, sizeof text, "%u %u %u", count, size, most);

        sock_send_to(s, text, (size_t)n, &from, NOWAIT);
    }
}

// Instead of the echo's (ld --wrap).
int __wrap_main(void)
{
    tasklet_spawn("depth", tell_depth, NULL, depth_memory, sizeof depth_memory);
    return __real_main();
}

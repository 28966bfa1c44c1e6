// SPDX-License-Identifier: MIT
//
// The machine that tests of the wire talk to, at 10.9.0.2 and whatever IPv6 gives it: echo over TCP and
// UDP on port 7 (UDP also for the group 239.1.2.3), a patient echo on port 8, a sink on port 9, and on UDP
// port 99 what the pools and counters say.
#include "boards/board.h"
#include "io/printf.h"
#include "kernel/tasklet_pool.h"
#include "net/net.h"
#include "net/sock.h"

#ifndef WORKERS
#define WORKERS 20
#endif
enum { IDLE = 8000, PATIENCE = 120000 }; // ms

static TASKLET_POOL(workers, WORKERS, 1024);
static TASKLET_MEMORY(udp_memory, 1024);
static TASKLET_MEMORY(status_memory, 1536);
static TASKLET_MEMORY(sink_memory, 1024);
static TASKLET_MEMORY(patient_memory, 1024);

static void echo(void *s)
{
    static char buffers[WORKERS][600];
    static unsigned next;
    char *buf = buffers[next++ % WORKERS];
    int n;

    while ((n = sock_recv(s, buf, sizeof buffers[0], after_ms(IDLE))) > 0) {
        if (sock_send(s, buf, (size_t)n, after_ms(IDLE)) != n) {
            break;
        }
    }
    sock_close(s);
}

static void sink(void *unused)
{
    struct sock *listener, *s;
    const void *data;
    int n;

    (void)unused;
    sock_listen(&listener, 9);
    while (sock_accept(listener, &s, FOREVER) == 0) {
        while ((n = sock_borrow(s, &data, after_ms(IDLE))) > 0) {
            sock_release(s, (size_t)n);
        }
        sock_close(s);
    }
}

// One caller at a time, who may take as long as a bad wire and a busy machine make it.
static void echo_patiently(void *unused)
{
    static char buf[600];
    struct sock *listener, *s;
    int n;

    (void)unused;
    sock_listen(&listener, 8);
    while (sock_accept(listener, &s, FOREVER) == 0) {
        while ((n = sock_recv(s, buf, sizeof buf, after_ms(PATIENCE))) > 0 &&
               sock_send(s, buf, (size_t)n, after_ms(PATIENCE)) == n) {
        }
        sock_close(s);
    }
}

static void echo_datagrams(void *unused)
{
    static char buf[2000];
    struct net_addr from, group = net_ipv4(239, 1, 2, 3, 0);
    struct sock *s;
    int n;

    (void)unused;
    sock_udp(&s, &(struct net_addr){ .port = 7 });
    sock_join(s, &group);
    while ((n = sock_recv_from(s, buf, sizeof buf, &from, FOREVER)) >= 0) {
        sock_send_to(s, buf, (size_t)n, &from, NOWAIT);
    }
}

static int describe(char *text, size_t size)
{
    struct net_statistics st;
    struct net_pool p;
    int n = 0;

    net_statistics(&st);
    for (unsigned i = 0; net_pool(i, &p); i++) {
        n += io_snprintf(text + n, size - (size_t)n, "%s %u %u %u %u\n", p.name, p.used, p.most,
                         p.size, (unsigned)p.refused);
    }
    n += io_snprintf(text + n, size - (size_t)n,
                     "workers %u\nrefused %u\nchecksum %u\noverruns %u\n",
                     tasklet_pool_busy(&workers), (unsigned)st.refused,
                     (unsigned)st.checksum_errors, (unsigned)st.device_overruns);
    return n;
}

static void tell(void *unused)
{
    static char text[1000];
    struct net_addr from;
    struct sock *s;

    (void)unused;
    sock_udp(&s, &(struct net_addr){ .port = 99 });
    while (sock_recv_from(s, text, sizeof text, &from, FOREVER) >= 0) {
        sock_send_to(s, text, (size_t)describe(text, sizeof text), &from, NOWAIT);
    }
}

int main(void)
{
    static const struct net_config config = {
        .address = { .family = NET_IPV4, .bytes = { 10, 9, 0, 2 } },
        .mask = { .family = NET_IPV4, .bytes = { 255, 255, 255, 0 } },
        .gateway = { .family = NET_IPV4, .bytes = { 10, 9, 0, 1 } },
    };
    struct sock *listener, *s;

    if (net_start(&config) != 0 || sock_listen(&listener, 7) != 0) {
        uart_printf(board_uarts[0], "no network\r\n");
        return 1;
    }
    tasklet_spawn("udp", echo_datagrams, NULL, udp_memory, sizeof udp_memory);
    tasklet_spawn("status", tell, NULL, status_memory, sizeof status_memory);
    tasklet_spawn("patient", echo_patiently, NULL, patient_memory, sizeof patient_memory);
    tasklet_spawn("sink", sink, NULL, sink_memory, sizeof sink_memory);
    uart_printf(board_uarts[0], "ready\r\n");
    while (sock_accept(listener, &s, FOREVER) == 0) {
        tasklet_pool_spawn(&workers, "echo", echo, s, FOREVER);
    }
    return 0;
}

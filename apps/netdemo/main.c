// SPDX-License-Identifier: MIT
//
// Everything at once: a shell on the serial ports and by telnet (port 23), a web site (port 80) and an
// echo (port 7). Each connection has a tasklet, and each tasklet is straight-line code.
#include <stddef.h>

#include "apps/httpd/site.h"
#include "apps/shell/shell.h"
#include "apps/telnetd/server.h"
#include "boards/board.h"
#include "drivers/net/net.h"
#include "io/printf.h"
#include "io/uart.h"
#include "kernel/tasklet_pool.h"
#include "net/net.h"
#include "net/sock.h"

#ifndef NETDEMO_PORTS
#define NETDEMO_PORTS 2 // serial ports with a shell
#endif
#ifndef NETDEMO_ECHOES
#define NETDEMO_ECHOES 4
#endif
enum {
    SHELL_STACK = 1024 + 64 * sizeof(void *), // `make stack` says what these must be
    SERVER_STACK = 384,
    ECHO_STACK = 448,
    ECHO_PORT = 7
};

const struct command *const shell_tables[] = { shell_commands, net_commands, NULL };

static struct shell shells[NETDEMO_PORTS];
#if NETDEMO_PORTS > 1
static TASKLET_MEMORY(shell_memory[NETDEMO_PORTS - 1], SHELL_STACK);
#endif
static TASKLET_MEMORY(site_memory, SERVER_STACK);
static TASKLET_MEMORY(telnet_memory, SERVER_STACK);
static TASKLET_MEMORY(echo_memory, SERVER_STACK);
static TASKLET_POOL(echoes, NETDEMO_ECHOES, ECHO_STACK);

static void serve_port(void *shell)
{
    for (;;) {
        shell_run(shell); // `exit` begins again
    }
}

static void serve_site(void *unused)
{
    (void)unused;
    site_run();
}

static void serve_telnet(void *unused)
{
    (void)unused;
    telnetd_serve(TELNET_PORT, TELNET_IDLE_MS);
}

static void echo(void *sock)
{
    char buf[128];
    int n;

    sock_close_at_end(sock);
    while ((n = sock_recv(sock, buf, sizeof buf, after_ms(60000))) > 0 &&
           sock_send(sock, buf, (size_t)n, after_ms(10000)) == n) {
    }
}

static void serve_echo(void *unused)
{
    struct sock *listener, *s;

    (void)unused;
    if (sock_listen(&listener, ECHO_PORT) != 0) {
        return;
    }
    while (sock_accept(listener, &s, FOREVER) == 0) {
        tasklet_pool_spawn(&echoes, "echo", echo, s, FOREVER);
    }
}

static void start_servers(void)
{
    tasklet_spawn("httpd", serve_site, NULL, site_memory, sizeof site_memory);
    tasklet_spawn("telnetd", serve_telnet, NULL, telnet_memory, sizeof telnet_memory);
    tasklet_spawn("echod", serve_echo, NULL, echo_memory, sizeof echo_memory);
}

// Says on the console what address it is now.
static void announce(struct uart *console)
{
    char text[NET_ADDR_TEXT];
    struct net_addr a;

    uart_printf(console, "\r\n%s: link %s, waiting for an address\r\n", board_netdev.name,
                net_link() ? "up" : "down");
    if (net_wait(after_ms(5000)) != 0) {
        uart_printf(console, "none yet; ifconfig shows it when there is one\r\n");
        return;
    }
    for (unsigned i = 0; net_address(i, &a); i++) {
        uart_printf(console, "%s: %s\r\n", board_netdev.name, net_addr_text(&a, text));
    }
}

int main(void)
{
    int error = net_start(NULL);

    if (error == 0) {
        start_servers();
        announce(board_uarts[0]);
    } else {
        uart_printf(board_uarts[0], "no network: error %d\r\n", -error);
    }
    for (unsigned i = 0; i < NETDEMO_PORTS && board_uarts[i] != NULL; i++) {
        shells[i].stream = uart_stream(board_uarts[i]);
    }
#if NETDEMO_PORTS > 1
    for (unsigned i = 1; i < NETDEMO_PORTS && board_uarts[i] != NULL; i++) {
        tasklet_spawn(board_uarts[i]->name, serve_port, &shells[i], shell_memory[i - 1],
                      sizeof shell_memory[i - 1]);
    }
#endif
    serve_port(&shells[0]);
    return 0;
}

// SPDX-License-Identifier: MIT
//
// A web server on port 80: a page about the board itself, and what the page asks for.
#include "apps/httpd/http.h"
#include "apps/httpd/pages.h"
#include "boards/board.h"
#include "io/uart.h"
#include "net/net.h"

enum { PORT = 80 };

static TASKLET_POOL(workers, HTTPD_CONNECTIONS, HTTP_WORKER_STACK);

static const struct http_route routes[] = {
    { "/hello", HTTP_GET, page_hello },
    { "/echo", HTTP_POST | HTTP_PUT, page_echo },
    { "/status", HTTP_GET, page_status },
    { "/events", HTTP_GET, page_events },
    { 0 },
};

static void serve(void *sock);
static struct http_server server = HTTP_SERVER(server, routes, http_files, workers, serve);

static void serve(void *sock)
{
    http_serve(sock, &server);
}

static TASKLET_MEMORY(announcer_memory, 768);

// Says where the server is, each time that changes.
static void announce(void *unused)
{
    struct net_addr a;
    char text[NET_ADDR_TEXT];
    unsigned said = 0;

    (void)unused;
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
        error = http_run(&server, PORT);
    }
    uart_printf(board_uarts[0], "httpd: error %d\r\n", error);
    return 1;
}

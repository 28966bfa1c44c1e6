// SPDX-License-Identifier: MIT
//
// The web site of a board: pages about itself, and what they ask for.
#include "apps/httpd/site.h"

#include "apps/httpd/http.h"
#include "apps/httpd/pages.h"

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

int site_run(void)
{
    return http_run(&server, HTTP_PORT);
}

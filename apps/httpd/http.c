// SPDX-License-Identifier: MIT
//
// From the connection to the handler: who listens, who answers, and how it ends.
#include "apps/httpd/http.h"

#include <errno.h>
#include <string.h>

#include "apps/httpd/internal.h"

enum {
    PROBE_S = 30,    // seconds of silence after which a client is asked whether it is still there
    CROWDED_MS = 50, // that a newcomer waits before the next idle connection has to go
    BACKLOG = HTTPD_CONNECTIONS,
};

// ---- Which resource ----

static const struct http_route *find_route(const struct http *h)
{
    const struct http_route *r = h->server->routes;

    while (r->path != NULL && strcmp(r->path, h->request.path) != 0) {
        r++;
    }
    return r->path != NULL ? r : NULL;
}

static const struct http_file *find_file(const struct http *h)
{
    const struct http_file *f = h->server->files;

    while (f != NULL && f->path != NULL && strcmp(f->path, h->request.path) != 0) {
        f++;
    }
    return f != NULL && f->path != NULL ? f : NULL;
}

// What could be asked of a resource, instead or because the client wants to know.
static int answer_allow(struct http *h, int status, unsigned methods)
{
    static const char *const names[] = {
        "GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"
    };
    char list[48] = "OPTIONS";
    size_t n = strlen(list);

    for (unsigned i = 0; 1u << i < HTTP_OPTIONS; i++) {
        if (methods & 1u << i) {
            n += (size_t)io_snprintf(list + n, sizeof list - n, ", %s", names[i]);
        }
    }
    http_begin(h, status, 0);
    return http_field(h, "Allow: %s", list);
}

static int dispatch(struct http *h)
{
    const struct http_request *r = &h->request;
    const struct http_route *route = find_route(h);
    const struct http_file *file = route == NULL ? find_file(h) : NULL;
    unsigned methods = route != NULL ? route->methods : HTTP_GET;

    methods |= methods & HTTP_GET ? HTTP_HEAD : 0;
    if (r->path[0] == '*') {
        return answer_allow(h, 204, HTTP_OPTIONS - 1);
    }
    if (route == NULL && file == NULL) {
        return http_status(h, 404);
    }
    if (r->method == HTTP_OPTIONS && !(methods & HTTP_OPTIONS)) {
        return answer_allow(h, 204, methods);
    }
    if (!(r->method & methods)) {
        return answer_allow(h, 405, methods);
    }
    return route != NULL ? route->serve(h) : http_send_file(h, file);
}

// ---- One request ----

static bool answer(struct http *h, int status)
{
    int error = 0;

    h->answer = HTTP_NOT_BEGUN;
    if (status == 0 && h->content == HTTP_COUNTED && h->content_left > HTTPD_BODY) {
        status = 413;
    }
    if (status == 0) {
        error = dispatch(h);
    } else {
        h->keep = false;
        http_status(h, status);
    }
    if (error < 0 && h->error == 0) {
        h->keep = false;
        if (h->answer != HTTP_NOT_BEGUN) {
            h->error = (int16_t)error; // the answer stays incomplete, and the client must see it
            return false;
        }
        http_status(h, http_status_of(error));
    }
    return http_finish(h) == 0;
}

static bool serve_request(struct http *h)
{
    int status = http_read_head(h);

    if (status < 0) {
        h->error = (int16_t)(status == -EPIPE ? 0 : status);
        return false;
    }
    h->server->requests++;
    return answer(h, status) && h->keep && http_skip_content(h);
}

// ---- One connection ----

// A connection that is closed while there is something to read is reset, and the reset may overtake
// the answer that says what was wrong (RFC 9112, 9.6). So we say that we are done, and listen until
// the client has said it too.
static void close_gently(struct http *h)
{
    deadline_t d = after_ms(HTTPD_LINGER_MS);

    if (h->error == 0 && sock_shutdown(h->sock, SOCK_SEND) == 0) {
        while (sock_recv(h->sock, h->in, sizeof h->in, d) > 0) {
        }
    }
    if (h->answer == HTTP_CONTENT || h->answer == HTTP_FIELDS) {
        sock_abort(h->sock);
    } else {
        sock_close(h->sock);
    }
}

void http_serve(struct sock *s, struct http_server *server)
{
    struct http h;

    memset(&h, 0, offsetof(struct http, in));
    h.sock = s;
    h.server = server;
    h.tasklet = tasklet_self();
    server->connections++;
    sock_close_at_end(s);
    sock_set(s, SOCK_NODELAY, 1);
    sock_set(s, SOCK_KEEPALIVE, PROBE_S);
    while (serve_request(&h)) {
    }
    close_gently(&h);
}

// ---- All of them ----

static void evict(struct http_server *server)
{
    if (!list_empty(&server->idle)) {
        struct http *h = container_of(server->idle.next, struct http, idle);

        server->evicted++;
        tasklet_cancel(h->tasklet);
    }
}

int http_run(struct http_server *server, uint16_t port)
{
    struct sock *listener, *s;
    int error = sock_listen_on(&listener, &(struct net_addr){ .port = port }, BACKLOG);

    if (error != 0) {
        return error;
    }
    while ((error = sock_accept(listener, &s, FOREVER)) == 0) {
        deadline_t d = NOWAIT;

        while ((error = tasklet_pool_spawn(server->workers, "http", server->serve, s, d)) != 0) {
            if (error == -ECANCELED) {
                sock_abort(s);
                break;
            }
            evict(server);
            d = after_ms(CROWDED_MS);
        }
        if (error != 0) {
            break;
        }
    }
    sock_close(listener);
    return error;
}

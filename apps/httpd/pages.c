// SPDX-License-Identifier: MIT
//
// Resources that are made when somebody asks.
#include "apps/httpd/pages.h"

#include "boards/board.h"
#include "net/net.h"

// ---- Small ones ----

int page_hello(struct http *h)
{
    return http_reply(h, 200, "text/plain", "Hello from Stint.\n");
}

int page_echo(struct http *h)
{
    const char *data;
    bool counted = (h->request.flags & HTTP_HAS_LENGTH) != 0;
    uint32_t length = counted ? h->request.length : HTTP_UNTIL_END;
    int n = http_read(h, &data);

    if (n < 0) {
        return n;
    }
    http_begin(h, 200, n == 0 ? 0 : length);
    http_fields(h, "Content-Type: application/octet-stream\r\n");
    while (n > 0 && http_write(h, data, (size_t)n) == 0) {
        n = http_read(h, &data);
    }
    return n < 0 ? n : h->error;
}

// ---- JSON ----

static uint32_t ms_from_ticks(uint64_t ticks)
{
    return (uint32_t)(ticks / (TICK_HZ / 1000));
}

static void put_counters(struct http *h)
{
    const struct http_server *s = h->server;
    struct net_statistics n;

    net_statistics(&n);
    http_printf(h, "\"uptime_ms\":%u,", (unsigned)ms_from_ticks(time_now()));
    http_printf(h,
                "\"http\":{\"connections\":%u,\"busy\":%u,\"requests\":%u,\"refused\":%u,"
                "\"evicted\":%u},",
                (unsigned)s->connections, tasklet_pool_busy(s->workers), (unsigned)s->requests,
                (unsigned)s->refused, (unsigned)s->evicted);
    http_printf(h,
                "\"frames\":{\"in\":%u,\"out\":%u,\"dropped\":%u,\"overruns\":%u,\"errors\":%u},",
                (unsigned)n.frames_in, (unsigned)n.frames_out, (unsigned)n.frames_dropped,
                (unsigned)n.device_overruns, (unsigned)n.device_errors);
    http_printf(h, "\"tcp\":{\"in\":%u,\"out\":%u,\"dropped\":%u,\"refused\":%u},",
                (unsigned)n.tcp_in, (unsigned)n.tcp_out, (unsigned)n.tcp_dropped,
                (unsigned)n.refused);
    http_printf(h, "\"udp\":{\"in\":%u,\"out\":%u,\"dropped\":%u},\"checksum_errors\":%u",
                (unsigned)n.udp_in, (unsigned)n.udp_out, (unsigned)n.udp_dropped,
                (unsigned)n.checksum_errors);
}

static void put_addresses(struct http *h)
{
    struct net_addr a;
    char text[NET_ADDR_TEXT];

    http_printf(h, ",\"addresses\":[");
    for (unsigned i = 0; net_address(i, &a); i++) {
        http_printf(h, "%s\"%s\"", i > 0 ? "," : "", net_addr_text(&a, text));
    }
    http_printf(h, "]");
}

static void put_pools(struct http *h)
{
    struct net_pool p;

    http_printf(h, ",\"pools\":[");
    for (unsigned i = 0; net_pool(i, &p); i++) {
        http_printf(h, "%s{\"name\":\"%s\",\"used\":%u,\"most\":%u,\"size\":%u,\"refused\":%u}",
                    i > 0 ? "," : "", p.name, p.used, p.most, p.size, (unsigned)p.refused);
    }
    http_printf(h, "]");
}

static const char *state_of(const struct tasklet *t)
{
    return t == tasklet_self()                 ? "running"
           : tasklet_state(t) == TASKLET_READY ? "ready"
                                               : "waiting";
}

static void put_tasklet(struct http *h, const struct tasklet *t, const char *before)
{
    const char *in = tasklet_state(t) == TASKLET_WAITING && t->in != NULL ? t->in : "";
    unsigned used = (unsigned)tasklet_stack_used(t), size = (unsigned)tasklet_stack_size(t);
    unsigned ran = (unsigned)ms_from_ticks(tasklet_run_time(t));

    // Here this may wait, and t may end: it is not looked at again.
    http_printf(h, "%s{\"name\":\"%s\",\"state\":\"%s\",\"in\":\"%s\",", before, t->name,
                state_of(t), in);
    http_printf(h, "\"stack_used\":%u,\"stack\":%u,\"ran_ms\":%u}", used, size, ran);
}

// The list may change while one of them is being printed: each step counts from its beginning.
static const struct tasklet *nth(unsigned n)
{
    for (struct list *l = tasklet_all.next; l != &tasklet_all; l = l->next) {
        if (n-- == 0) {
            return container_of(l, struct tasklet, all);
        }
    }
    return NULL;
}

static void put_tasklets(struct http *h)
{
    const struct tasklet *t;

    http_printf(h, ",\"tasklets\":[");
    for (unsigned i = 0; (t = nth(i)) != NULL && h->error == 0; i++) {
        put_tasklet(h, t, i > 0 ? "," : "");
    }
    http_printf(h, "]");
}

int page_status(struct http *h)
{
    http_begin(h, 200, HTTP_UNTIL_END);
    http_fields(h, "Content-Type: application/json\r\nCache-Control: no-store\r\n");
    http_printf(h, "{\"board\":\"%s\",", board_name);
    put_counters(h);
    put_addresses(h);
    put_pools(h);
    put_tasklets(h);
    return http_printf(h, "}\n");
}

// ---- Events (HTML, 9.2) ----

int page_events(struct http *h)
{
    deadline_t next = after_ms(0);

    http_begin(h, 200, HTTP_UNTIL_END);
    http_fields(h, "Content-Type: text/event-stream\r\nCache-Control: no-store\r\n");
    if (h->request.method == HTTP_HEAD) {
        return 0;
    }
    do {
        http_printf(h, "data: {");
        put_counters(h);
        http_printf(h, "}\n\n");
        http_flush(h);
        next.ticks += ticks_from_ms(1000);
    } while (!http_gone(h, next));
    h->keep = false;
    return h->error;
}

// SPDX-License-Identifier: MIT
#include "apps/shell/fetch.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "io/printf.h"
#include "kernel/callgraph.h"
#include "net/dns.h"
#include "net/sock.h"

enum { HOST = 80, HTTP_PORT = 80 };

// The parts of an address, in its text.
struct url {
    char host[HOST]; // for dns_lookup(), without brackets and port
    uint16_t port;
    const char *authority; // host and port as they stand there
    int authority_length;
    const char *path; // "" or "/..."
};

static bool parse_port(const char *text, const char *end, uint16_t *port)
{
    uint32_t value = 0;

    for (; text < end && *text >= '0' && *text <= '9' && value <= UINT16_MAX; text++) {
        value = value * 10 + (uint32_t)(*text - '0');
    }
    *port = (uint16_t)value;
    return text == end && value > 0 && value <= UINT16_MAX;
}

static int parse(const char *text, struct url *url)
{
    static const char scheme[] = "http://";
    const char *host = text, *end, *colon;

    if (strncmp(text, scheme, sizeof scheme - 1) == 0) {
        host += sizeof scheme - 1;
    } else if (strstr(text, "://") != NULL) {
        return -EINVAL;
    }
    const char *path = host + strcspn(host, "/");

    url->authority = host;
    url->authority_length = (int)(path - host);
    url->path = path;
    url->port = HTTP_PORT;
    end = memchr(host, ']', (size_t)(path - host)); // [2001:db8::1]
    colon = memchr(end != NULL ? end : host, ':', (size_t)(path - (end != NULL ? end : host)));
    if (colon != NULL && !parse_port(colon + 1, path, &url->port)) {
        return -EINVAL;
    }
    host += end != NULL && *host == '[';
    end = end != NULL ? end : colon != NULL ? colon : path;
    if (end == host || end - host >= HOST) {
        return -EINVAL;
    }
    memcpy(url->host, host, (size_t)(end - host));
    url->host[end - host] = '\0';
    return 0;
}
ENDS_IN(parse, strstr); // newlib takes a kilobyte for needles of 32 characters and more

static int ask(struct sock *s, const struct url *url)
{
    const struct stream stream = sock_stream(s);

    return io_printf(&stream,
                     "GET %s HTTP/1.0\r\nHost: %.*s\r\nUser-Agent: stint\r\n"
                     "Connection: close\r\n\r\n",
                     *url->path != '\0' ? url->path : "/", url->authority_length, url->authority);
}

static uint32_t since(uint64_t start)
{
    return (uint32_t)(time_us() - start);
}

// From the request to the end of the answer.
static int converse(struct sock *s, const struct url *url, int (*put)(void *, const char *, size_t),
                    void *to, struct fetch_times *times, uint64_t start, deadline_t d)
{
    char buf[256];
    int total = 0, got, result = ask(s, url);

    if (result < 0) {
        return result;
    }
    while ((got = sock_recv(s, buf, sizeof buf, d)) > 0) {
        if (total == 0) {
            times->first = since(start);
        }
        total += got;
        if ((result = put(to, buf, (size_t)got)) < 0) {
            return result;
        }
    }
    times->total = since(start);
    return got < 0 ? got : total;
}

int fetch(const char *text, int (*put)(void *to, const char *data, size_t n), void *to,
          struct fetch_times *times, deadline_t d)
{
    uint64_t start = time_us();
    struct net_addr peer;
    struct sock *s;
    struct url url;

    *times = (struct fetch_times){ 0 };
    int result = parse(text, &url);

    if (result != 0 || (result = dns_lookup(url.host, url.port, DNS_EITHER, &peer, d)) != 0) {
        return result;
    }
    times->lookup = since(start);
    if ((result = sock_connect(&s, &peer, d)) != 0) {
        return result;
    }
    times->connect = since(start);
    result = converse(s, &url, put, to, times, start, d);
    sock_close(s);
    return result;
}

// SPDX-License-Identifier: MIT
//
// The shell's commands for the network.
#include <errno.h>
#include <string.h>

#include "apps/shell/fetch.h"
#include "apps/shell/shell.h"
#include "drivers/net/net.h"
#include "io/printf.h"
#include "kernel/tasklet.h"
#include "net/calendar.h"
#include "net/dns.h"
#include "net/net.h"
#include "net/ping.h"
#include "net/sntp.h"

enum { PATIENCE_MS = 10000 }; // for names and the like

static int lookup(struct shell *s, const char *name, uint16_t port, struct net_addr *a)
{
    int result = net_addr_parse(a, name, port);

    if (result == 0) {
        return 0;
    }
    result = dns_lookup(name, port, DNS_EITHER, a, after_ms(PATIENCE_MS));
    if (result == -ENOENT) {
        io_printf(&s->stream, "there is no host %s\r\n", name);
    }
    return result;
}

// ---- What there is ----

static int ifconfig(struct shell *s, int argc, char **argv)
{
    const struct netdev *d = &board_netdev;
    char text[NET_ADDR_TEXT];
    struct net_addr a;

    (void)argc;
    (void)argv;
    io_printf(&s->stream, "%s: link %s, mac %02x:%02x:%02x:%02x:%02x:%02x\r\n", d->name,
              net_link() ? "up" : "down", d->mac[0], d->mac[1], d->mac[2], d->mac[3], d->mac[4],
              d->mac[5]);
    for (unsigned i = 0; net_address(i, &a); i++) {
        io_printf(&s->stream, "  %s %s\r\n", a.family == NET_IPV6 ? "inet6" : "inet ",
                  net_addr_text(&a, text));
    }
    if (net_gateway(&a)) {
        io_printf(&s->stream, "  gateway %s\r\n", net_addr_text(&a, text));
    }
    io_printf(&s->stream, "  frames: %u in, %u out; %u overruns, %u broken, %u times no room\r\n",
              (unsigned)d->stats.received, (unsigned)d->stats.sent, (unsigned)d->stats.overruns,
              (unsigned)d->stats.errors, (unsigned)d->stats.busy);
    return 0;
}

static void print_counters(struct shell *s)
{
    struct net_statistics n;

    net_statistics(&n);
    io_printf(&s->stream, "frames    %9u in %9u out %7u dropped\r\n", (unsigned)n.frames_in,
              (unsigned)n.frames_out, (unsigned)n.frames_dropped);
    io_printf(&s->stream, "tcp       %9u in %9u out %7u dropped %5u refused\r\n",
              (unsigned)n.tcp_in, (unsigned)n.tcp_out, (unsigned)n.tcp_dropped,
              (unsigned)n.refused);
    io_printf(&s->stream, "udp       %9u in %9u out %7u dropped\r\n", (unsigned)n.udp_in,
              (unsigned)n.udp_out, (unsigned)n.udp_dropped);
    io_printf(&s->stream, "checksum errors %u\r\n", (unsigned)n.checksum_errors);
}

static int netstat(struct shell *s, int argc, char **argv)
{
    char local[NET_ADDR_TEXT], peer[NET_ADDR_TEXT];
    struct net_connection c;
    struct net_pool p;

    (void)argc;
    (void)argv;
    print_counters(s);
    io_printf(&s->stream, "\r\n%-10s %6s %6s %6s %8s\r\n", "pool", "used", "most", "size",
              "refused");
    for (unsigned i = 0; net_pool(i, &p); i++) {
        io_printf(&s->stream, "%-10s %6u %6u %6u %8u\r\n", p.name, p.used, p.most, p.size,
                  (unsigned)p.refused);
    }
    io_printf(&s->stream, "\r\n%-4s %-24s %-24s\r\n", "", "local", "peer");
    for (unsigned i = 0; net_connection(i, &c); i++) {
        io_printf(&s->stream, "%-4s %-24s %-24s %s\r\n", c.kind, net_addr_text(&c.local, local),
                  net_addr_text(&c.peer, peer), c.state);
    }
    return 0;
}

static int nslookup(struct shell *s, int argc, char **argv)
{
    static const enum dns_want kinds[] = { DNS_IPV4, DNS_IPV6 };
    char text[NET_ADDR_TEXT];
    struct net_addr a;
    int result = -EINVAL;
    unsigned found = 0;

    if (argc != 2) {
        return -EINVAL;
    }
    for (unsigned i = 0; i < 2; i++) {
        result = dns_lookup(argv[1], 0, kinds[i], &a, after_ms(PATIENCE_MS));
        if (result == -ECANCELED) {
            return result;
        }
        if (result == 0) {
            io_printf(&s->stream, "%s is %s\r\n", argv[1], net_addr_text(&a, text));
            found++;
        }
    }
    if (found == 0 && result == -ENOENT) {
        io_printf(&s->stream, "there is no host %s\r\n", argv[1]);
    }
    return found > 0 || result == -ENOENT ? 0 : result;
}

// ---- ping ----

enum { PING_EVERY_MS = 1000, PING_COUNT = 4, PING_COUNT_MAX = 10000 };

static int parse_count(const char *text)
{
    int n = 0;

    for (; *text >= '0' && *text <= '9' && n <= PING_COUNT_MAX; text++) {
        n = n * 10 + *text - '0';
    }
    return *text == '\0' && n > 0 && n <= PING_COUNT_MAX ? n : -EINVAL;
}

// One request. Its result, or 0 after an error that was printed.
static int ping_once(struct shell *s, const struct net_addr *a, unsigned number, deadline_t d)
{
    char text[NET_ADDR_TEXT];
    uint32_t us;
    int result = net_ping(a, PING_SIZE, &us, d);

    if (result == 0) {
        io_printf(&s->stream, "%u bytes from %s: seq=%u time=%u.%03u ms\r\n", PING_SIZE,
                  net_addr_text(a, text), number, (unsigned)(us / 1000), (unsigned)(us % 1000));
        return 1;
    }
    if (result == -ETIMEDOUT || result == -EHOSTUNREACH) {
        io_printf(&s->stream, "seq=%u %s\r\n", number,
                  result == -ETIMEDOUT ? "no answer" : "unreachable");
        return 0;
    }
    return result;
}

static int ping(struct shell *s, int argc, char **argv)
{
    int count = argc == 3 ? parse_count(argv[2]) : argc == 2 ? PING_COUNT : -EINVAL;
    int received = 0, result;
    struct net_addr a;

    if (count < 0) {
        return count;
    }
    if ((result = lookup(s, argv[1], 0, &a)) != 0) {
        return result == -ENOENT ? 0 : result;
    }
    for (int i = 1; i <= count; i++) {
        deadline_t next = after_ms(PING_EVERY_MS);

        result = ping_once(s, &a, (unsigned)i, next);
        if (result >= 0) {
            received += result;
            result = i < count ? sleep_until(next) : 0;
        }
        if (result < 0) {
            return result;
        }
    }
    io_printf(&s->stream, "%d sent, %d received\r\n", count, received);
    return 0;
}

// ---- Pages ----

enum { FETCH_MS = 60000 };

// A terminal wants CR LF; what the server sends may have either.
struct terminal {
    const struct stream *stream;
    char last;
};

static int put_text(void *to, const char *data, size_t n)
{
    struct terminal *t = to;

    while (n > 0) {
        const char *end = memchr(data, '\n', n);
        size_t part = end != NULL ? (size_t)(end - data) : n;
        int put = io_write(t->stream, data, part, FOREVER);

        if (put < 0) {
            return put;
        }
        t->last = part > 0 ? data[part - 1] : t->last;
        if (end != NULL) {
            if ((put = io_puts(t->stream, t->last == '\r' ? "\n" : "\r\n", FOREVER)) < 0) {
                return put;
            }
            t->last = '\n';
            part++;
        }
        data += part;
        n -= part;
    }
    return 0;
}

static int fetch_command(struct shell *s, int argc, char **argv)
{
    struct terminal terminal = { .stream = &s->stream };
    struct fetch_times t;
    int result;

    if (argc != 2) {
        return -EINVAL;
    }
    result = fetch(argv[1], put_text, &terminal, &t, after_ms(FETCH_MS));
    if (result >= 0) {
        io_printf(&s->stream,
                  "%s%d bytes; us from the start: name %u, connected %u, first byte %u, all %u\r\n",
                  terminal.last == '\n' ? "" : "\r\n", result, (unsigned)t.lookup,
                  (unsigned)t.connect, (unsigned)t.first, (unsigned)t.total);
    }
    return result < 0 ? result : 0;
}

// ---- Time ----

static int date(struct shell *s, int argc, char **argv)
{
    char text[CALENDAR_TEXT];
    int64_t now;

    (void)argc;
    (void)argv;
    if (!calendar_now(&now)) {
        io_puts(&s->stream, "nobody has said yet; try ntp\r\n", FOREVER);
        return 0;
    }
    io_printf(&s->stream, "%s UTC\r\n", calendar_text(now / 1000000, text));
    return 0;
}

static int ntp(struct shell *s, int argc, char **argv)
{
    struct sntp_answer answer;
    struct net_addr server;
    int result;

    if (argc > 2) {
        return -EINVAL;
    }
    result = lookup(s, argc == 2 ? argv[1] : "pool.ntp.org", SNTP_PORT, &server);
    if (result != 0) {
        return result == -ENOENT ? 0 : result;
    }
    result = sntp_query(&server, &answer, after_ms(3000));
    if (result == -EACCES) {
        io_printf(&s->stream, "the server does not want to be asked: %s\r\n", answer.kiss);
        return 0;
    }
    if (result != 0) {
        return result;
    }
    calendar_set(answer.offset);
    io_printf(&s->stream, "stratum %u, %u us there and back\r\n", answer.stratum,
              (unsigned)answer.delay);
    return date(s, 1, argv);
}

static int leave(struct shell *s, int argc, char **argv)
{
    (void)argc;
    (void)argv;
    s->ended = true;
    return 0;
}

const struct command net_commands[] = {
    { "ifconfig", "", "the interface and its addresses", ifconfig },
    { "netstat", "", "counters, pools, connections", netstat },
    { "ping", "HOST [COUNT]", "is it there?", ping },
    { "nslookup", "NAME", "its addresses", nslookup },
    { "fetch", "http://HOST[:PORT]/PATH", "prints a page", fetch_command },
    { "ntp", "[SERVER]", "asks for the time", ntp },
    { "date", "", "prints it", date },
    { "exit", "", "ends the session", leave },
    { NULL, NULL, NULL, NULL },
};

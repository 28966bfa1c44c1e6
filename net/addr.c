// SPDX-License-Identifier: MIT
//
// Addresses as text, and as lwIP has them.
#include "net/addr.h"

#include <errno.h>
#include <string.h>

#include "io/printf.h"
#include "kernel/callgraph.h"
#include "net/stack.h"

// A decimal port that ends the text.
static int parse_port(const char *text, uint16_t *port)
{
    uint32_t value = 0;

    if (*text == '\0') {
        return -EINVAL;
    }
    for (; *text != '\0'; text++) {
        if (*text < '0' || *text > '9') {
            return -EINVAL;
        }
        value = value * 10 + (uint32_t)(*text - '0');
        if (value > UINT16_MAX) {
            return -EINVAL;
        }
    }
    *port = (uint16_t)value;
    return 0;
}

// Cuts "[address]:port", "address:port" (IPv4) or "address" in two: the address's length in the text,
// and where the port begins, or NULL.
static size_t split(const char **text, const char **port)
{
    const char *end, *colon = strchr(*text, ':');

    *port = NULL;
    if (**text == '[') {
        (*text)++;
        end = strchr(*text, ']');
        if (end == NULL || (end[1] != ':' && end[1] != '\0')) {
            return 0;
        }
        *port = end[1] == ':' ? end + 2 : NULL;
        return (size_t)(end - *text);
    }
    if (colon != NULL && strchr(colon + 1, ':') == NULL) {
        *port = colon + 1;
        return (size_t)(colon - *text);
    }
    return strlen(*text);
}

// Four decimal numbers, to the end of the text. A leading zero could mean octal, so it means nothing.
static bool parse_ipv4(const char *text, uint8_t bytes[4])
{
    for (unsigned i = 0; i < 4; i++) {
        unsigned value = 0, digits = 0;
        bool zero = *text == '0';

        for (; *text >= '0' && *text <= '9' && digits < 3; text++, digits++) {
            value = value * 10 + (unsigned)(*text - '0');
        }
        if (digits == 0 || value > UINT8_MAX || (zero && digits > 1) ||
            *text++ != (i < 3 ? '.' : '\0')) {
            return false;
        }
        bytes[i] = (uint8_t)value;
    }
    return true;
}

// One to four hexadecimal digits. Returns how many, 0 for none or too many.
static unsigned parse_group(const char *text, unsigned *value)
{
    unsigned digits = 0;

    for (*value = 0;; digits++) {
        char c = text[digits], lower = (char)(c | ' ');

        if (c >= '0' && c <= '9') {
            *value = *value << 4 | (unsigned)(c - '0');
        } else if (lower >= 'a' && lower <= 'f') {
            *value = *value << 4 | (unsigned)(lower - 'a' + 10);
        } else {
            return digits <= 4 ? digits : 0;
        }
    }
}

// RFC 4291, section 2.2, to the end of the text: groups, one "::" at most, and the last two groups may
// be an IPv4 address. lwIP's own reader overlooks much.
static bool parse_ipv6(const char *text, uint8_t bytes[16])
{
    enum { NONE = 17 };
    size_t n = 0, gap = NONE;

    if (*text == ':' && *++text != ':') {
        return false;
    }
    for (unsigned value, digits;; text++) { // at a group, or at the second colon of "::"
        if (*text == ':' && gap == NONE) {
            gap = n;
            if (*++text == '\0') {
                break;
            }
        }
        digits = parse_group(text, &value);
        if (digits == 0 || n > 14) {
            return false;
        }
        if (text[digits] == '.') {
            if (n > 12 || !parse_ipv4(text, bytes + n)) {
                return false;
            }
            n += 4;
            break;
        }
        bytes[n++] = (uint8_t)(value >> 8);
        bytes[n++] = (uint8_t)value;
        text += digits;
        if (*text == '\0') {
            break;
        }
        if (text[0] != ':' || text[1] == '\0') {
            return false;
        }
    }
    if (gap == NONE || n == 16) {
        return gap == NONE && n == 16;
    }
    memmove(bytes + 16 - (n - gap), bytes + gap, n - gap);
    memset(bytes + gap, 0, 16 - n);
    return true;
}

int net_addr_parse(struct net_addr *a, const char *text, uint16_t port)
{
    struct net_addr read = { 0 };
    char alone[NET_ADDR_TEXT];
    const char *port_text;
    size_t length = split(&text, &port_text);

    if (length == 0 || length >= sizeof alone) {
        return -EINVAL;
    }
    memcpy(alone, text, length);
    alone[length] = '\0';
    read.family = strchr(alone, ':') != NULL ? NET_IPV6 : NET_IPV4;
    if ((port_text != NULL && parse_port(port_text, &port) != 0) ||
        !(read.family == NET_IPV6 ? parse_ipv6 : parse_ipv4)(alone, read.bytes)) {
        return -EINVAL;
    }
    read.port = port;
    *a = read;
    return 0;
}
CALLS(net_addr_parse, parse_ipv4, parse_ipv6);

char *net_addr_text(const struct net_addr *a, char text[NET_ADDR_TEXT])
{
    ip_addr_t ip = net_to_lwip(a);
    bool bracketed = a->family == NET_IPV6 && a->port != 0;
    char *p = text;

    if (a->family == NET_ANY) {
        *p++ = '*';
        *p = '\0';
    } else {
        if (bracketed) {
            *p++ = '[';
        }
        ipaddr_ntoa_r(&ip, p, NET_ADDR_TEXT - 8);
        p += strlen(p);
        if (bracketed) {
            *p++ = ']';
        }
    }
    if (a->port != 0) {
        io_snprintf(p, (size_t)(text + NET_ADDR_TEXT - p), ":%u", a->port);
    } else {
        *p = '\0';
    }
    return text;
}

bool net_addr_equal(const struct net_addr *a, const struct net_addr *b)
{
    return a->family == b->family && a->port == b->port && a->zone == b->zone &&
           memcmp(a->bytes, b->bytes,
                  a->family == NET_IPV6   ? 16
                  : a->family == NET_IPV4 ? 4
                                          : 0) == 0;
}

ip_addr_t net_to_lwip(const struct net_addr *a)
{
    ip_addr_t ip = *IP_ANY_TYPE;

    if (a == NULL || a->family == NET_ANY) {
        return ip;
    }
    if (a->family == NET_IPV4) {
        ip4_addr_t v4;

        memcpy(&v4.addr, a->bytes, 4);
        ip_addr_copy_from_ip4(ip, v4);
    }
#if LWIP_IPV6
    if (a->family == NET_IPV6) {
        ip6_addr_t v6;

        memcpy(v6.addr, a->bytes, 16);
        ip6_addr_clear_zone(&v6);
        if (ip6_addr_has_scope(&v6, IP6_UNKNOWN)) {
            ip6_addr_set_zone(&v6, a->zone != 0 ? a->zone : netif_get_index(&net_interface));
        }
        ip_addr_copy_from_ip6(ip, v6);
    }
#endif
    return ip;
}

struct net_addr net_from_lwip(const ip_addr_t *ip, uint16_t port)
{
    struct net_addr a = { .port = port };

    if (IP_IS_V4(ip)) {
        a.family = NET_IPV4;
        memcpy(a.bytes, &ip_2_ip4(ip)->addr, 4);
    }
#if LWIP_IPV6
    if (IP_IS_V6_VAL(*ip)) {
        a.family = NET_IPV6;
        a.zone = ip6_addr_zone(ip_2_ip6(ip));
        memcpy(a.bytes, ip_2_ip6(ip)->addr, 16);
    }
#endif
    return a;
}

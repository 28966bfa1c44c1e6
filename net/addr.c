// SPDX-License-Identifier: MIT
//
// Addresses as text, and as lwIP has them.
#include "net/addr.h"

#include <errno.h>
#include <string.h>

#include "io/printf.h"
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

// lwIP's own reader overlooks what stands behind an address, and old short forms such as "10.1".
static bool is_strict(const char *text)
{
    unsigned dots = 0, colons = 0, digits = 0;

    for (; *text != '\0'; text++) {
        bool decimal = *text >= '0' && *text <= '9';
        bool hex = (*text >= 'a' && *text <= 'f') || (*text >= 'A' && *text <= 'F');

        if (*text == '.' || *text == ':') {
            dots += *text == '.';
            colons += *text == ':';
            digits = 0;
        } else if ((!decimal && !hex) || ++digits > 4) {
            return false;
        }
    }
    return colons > 0 || (dots == 3 && digits > 0);
}

int net_addr_parse(struct net_addr *a, const char *text, uint16_t port)
{
    char alone[NET_ADDR_TEXT];
    const char *port_text;
    size_t length = split(&text, &port_text);
    ip_addr_t ip;

    if (length == 0 || length >= sizeof alone) {
        return -EINVAL;
    }
    memcpy(alone, text, length);
    alone[length] = '\0';
    if ((port_text != NULL && parse_port(port_text, &port) != 0) || !is_strict(alone) ||
        !ipaddr_aton(alone, &ip)) {
        return -EINVAL;
    }
    *a = net_from_lwip(&ip, port);
    return 0;
}

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

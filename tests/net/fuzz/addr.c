// SPDX-License-Identifier: MIT
//
// libFuzzer's entry to addresses as text. The input is read as a text, and as the bytes of an address.
// What is read must be what the C library of this machine reads, and nothing that it refuses; what is
// written fits, is read again as the same address, and then written the same.
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/stream.h"
#include "kernel/panic.h"
#include "lwip/ip4.h"
#include "lwip/ip6.h"
#include "net/addr.h"
#include "net/stack.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct netif net_interface;

static void require(bool true_, const char *what, const char *text)
{
    if (!true_) {
        fprintf(stderr, "not true: %s: \"%s\"\n", what, text);
        abort();
    }
}

void panic(const char *why)
{
    require(false, why, "");
    abort();
}

// What of lwIP and printf has nothing to do with it.
const struct stream_ops uart_output_ops;

int io_write(const struct stream *s, const void *buf, size_t n, deadline_t d)
{
    (void)s;
    (void)buf;
    (void)d;
    return (int)n;
}

struct netif *netif_find(const char *name)
{
    (void)name;
    return NULL;
}

err_t ip4_input(struct pbuf *p, struct netif *in)
{
    (void)p;
    (void)in;
    return ERR_OK;
}

err_t ip6_input(struct pbuf *p, struct netif *in)
{
    (void)p;
    (void)in;
    return ERR_OK;
}

// As the C library reads the part that is the address.
static bool library_reads(const char *text, struct net_addr *a, uint16_t port)
{
    char alone[64];
    const char *colon = strchr(text, ':');
    size_t n = strlen(text);

    *a = (struct net_addr){ .port = port };
    if (*text == '[') {
        n = strcspn(++text, "]");
    } else if (colon != NULL && strchr(colon + 1, ':') == NULL) {
        n = (size_t)(colon - text);
    }
    if (n >= sizeof alone) {
        return false;
    }
    memcpy(alone, text, n);
    alone[n] = '\0';
    a->family = inet_pton(AF_INET, alone, a->bytes) == 1    ? NET_IPV4
                : inet_pton(AF_INET6, alone, a->bytes) == 1 ? NET_IPV6
                                                            : NET_ANY;
    return a->family != NET_ANY;
}

static void round_trip(const struct net_addr *a)
{
    struct { // so that a byte too far is seen
        char at[NET_ADDR_TEXT];
    } *text = malloc(sizeof *text), *again = malloc(sizeof *again);
    struct net_addr b = { 0 };

    require(net_addr_text(a, text->at) == text->at, "the text is returned", "");
    require(net_addr_parse(&b, text->at, 0) == 0, "what is written can be read", text->at);
    require(net_addr_equal(a, &b), "and is the same address", text->at);
    require(strcmp(text->at, net_addr_text(&b, again->at)) == 0, "and the same text", text->at);
    free(text);
    free(again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct net_addr a = { 0 }, b;
    char *text = malloc(size + 1);

    if (size > 0) {
        memcpy(text, data, size);
    }
    text[size] = '\0';
    if (net_addr_parse(&a, text, 80) == 0) {
        require(library_reads(text, &b, a.port) && net_addr_equal(&a, &b), "read right", text);
        round_trip(&a);
    } else {
        require(!library_reads(text, &b, 80) || strpbrk(text, "[]") != NULL || strlen(text) > 45 ||
                    (b.family == NET_IPV4 && strchr(text, ':') != NULL),
                "an address is read", text);
    }
    free(text);
    if (size >= 19) {
        a = (struct net_addr){ .family = data[0] & 1 ? NET_IPV6 : NET_IPV4,
                               .port = (uint16_t)(data[1] << 8 | data[2]) };
        memcpy(a.bytes, data + 3, a.family == NET_IPV6 ? 16 : 4);
        round_trip(&a);
    }
    return 0;
}

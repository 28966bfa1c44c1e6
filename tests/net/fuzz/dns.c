// SPDX-License-Identifier: MIT
// Answers of a DNS server, which may be forged, to lookups in flight; in IPv4 and IPv6. Each lookup
// must be called back once, with an address of the kind that was asked for. Built on the host of the
// tests of our fixes (../lwip_fixes).
//
// An input is a byte that says which lookup begins, and records: a byte what, a byte length, and that
// many bytes. The random id and port are those of the last query (or, of that before it):
//   0, 1    an answer, its id put right          2..4    the question is put before it, and a header
//   5       the same, and a good answer first    6       time goes by            7       a new lookup
// Bit 3 of what: to the query before the last. Bits 4..7: into how many pieces the frame is split.
#include "host.h"

#include <strings.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const names[] = {
    "a",
    "ab.cd",
    "a.name.that.is.a.little.longer.example",
    "sixty-three-characters-are-the-most-that-one-label-may-have-0123.example.",
};

typedef struct Lookup {
    const char *name;
    u8_t type;
    bool waits, again; // again: its callback asks for the next name
} Lookup;

static Lookup lookups[32];
static unsigned lookup_count;
static bool six; // the server is asked in IPv6

static void look_up(unsigned how);

static void check_address(const Lookup *l, const ip_addr_t *a)
{
    check(l->type != LWIP_DNS_ADDRTYPE_IPV4 || IP_IS_V4_VAL(*a));
    check(l->type != LWIP_DNS_ADDRTYPE_IPV6 || IP_IS_V6_VAL(*a));
}

static void found(const char *name, const ip_addr_t *address, void *arg)
{
    Lookup *l = arg;
    size_t size = strlen(name);
    check(l->waits);
    l->waits = false;
    check(strncasecmp(name, l->name, size) == 0 && (l->name[size] | '.') == '.');
    if (address != NULL) {
        check_address(l, address);
    }
    if (l->again) {
        look_up((unsigned)(l - lookups) + 1);
    }
}

static void look_up(unsigned how)
{
    if (lookup_count == sizeof lookups / sizeof lookups[0]) {
        return;
    }
    Lookup *l = &lookups[lookup_count++];
    ip_addr_t address;
    *l = (Lookup){ .name = names[how & 3], .type = how >> 2 & 3, .again = how >> 4 & 1 };
    l->waits = true; // the callback may come first
    err_t err = dns_gethostbyname_addrtype(l->name, &address, found, l, l->type);
    if (err == ERR_OK) {
        check_address(l, &address);
    }
    if (err != ERR_INPROGRESS) {
        l->waits = false;
    }
}

// The last query, or the one before: where its UDP header is. NULL: none.
static const Bytes *query(unsigned before, size_t *udp)
{
    for (unsigned i = 1; i <= host_sent_count && i < 64; i++) {
        const Bytes *q = &host_sent[(host_sent_count - i) % 64];
        bool v6 = get16(q->at + 12) == 0x86dd;
        *udp = v6 ? 54 : 34;
        if (q->size >= *udp + 20 && q->at[v6 ? 20 : 23] == IP_PROTO_UDP &&
            get16(q->at + *udp + 2) == 53 && before-- == 0) {
            return q;
        }
    }
    return NULL;
}

static void put_good(Bytes *b, bool v6)
{
    put16(b, 0xc00c);
    put32(b, v6 ? 0x001c0001 : 0x00010001);
    put32(b, 30);
    put16(b, v6 ? 16 : 4);
    for (unsigned i = 0; i < (v6 ? 4 : 1); i++) {
        put32(b, 0x01020304);
    }
}

static void answer(unsigned what, const uint8_t *at, size_t size)
{
    size_t udp;
    const Bytes *q = query(what >> 3 & 1, &udp);
    if (q == NULL || size < 4) {
        return;
    }
    Bytes b = { 0 };
    bool whole = (what & 7) >= 2;
    put16(&b, 53);
    put16(&b, get16(q->at + udp));
    put32(&b, 0);
    put16(&b, get16(q->at + udp + 8));
    if (whole) {
        size_t end = q->size;
        put16(&b, 0x8180 ^ (at[0] & 15));
        put16(&b, 1);
        put16(&b, at[1]);
        put32(&b, get32(at));
        put(&b, q->at + udp + 20, end - udp - 20);
        if ((what & 7) == 5) {
            put_good(&b, get16(q->at + end - 4) == 28);
        }
        at += 2;
        size -= 2;
    }
    put(&b, at, size);
    b.at[4] = (uint8_t)(b.size >> 8);
    b.at[5] = (uint8_t)b.size;
    b = udp == 54 ? ip6(IP_PROTO_UDP, 0xfd00, 1, 2, &b) : ip4(IP_PROTO_UDP, 1, &b);
    size_t sizes[16], n = what >> 4, done = 0;
    for (size_t i = 0; i < n; i++) {
        sizes[i] = i == 0 ? LWIP_MIN(b.size, 14 + udp - 6 + what % 13) : (b.size - done) / 3;
        done += sizes[i];
    }
    host_receive_pieces(&b, sizes, n);
}

static void pass(unsigned ticks)
{
    while (ticks-- > 0) {
        dns_tmr();
    }
}

static void start(void)
{
    ip_addr_t server = IPADDR4_INIT_BYTES(10, 0, 0, 1), backup = *IP_ANY_TYPE;
    if (six) {
        ip_addr_t v6 = IPADDR6_INIT(PP_HTONL(0xfd000000), 0, 0, PP_HTONL(1));
        backup = server;
        server = v6;
    }
    learn_arp(1);
    dns_setserver(0, &server);
    dns_setserver(1, &backup);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static bool started;
    if (!started) {
        host_start_quiet();
        started = true;
    }
    if (size < 1) {
        return 0;
    }
    static long before;
    six = data[0] & 128;
    lookup_count = host_sent_count = 0;
    host_seed(1);
    start();
    before = host_live;
    look_up(data[0]);
    if (six) { // the query waits for the neighbour
        learn_nd(0xfd00, 1);
        pass(2);
    }
    for (size_t i = 1; i + 2 <= size;) {
        size_t length = LWIP_MIN(data[i + 1], size - i - 2);
        if ((data[i] & 7) == 6) {
            pass(length > 0 ? data[i + 2] & 15 : 1);
        } else if ((data[i] & 7) == 7) {
            look_up(length > 0 ? data[i + 2] : 0);
        } else {
            answer(data[i], data + i + 2, length);
        }
        i += 2 + length;
    }
    for (unsigned i = 0; i < lookup_count; i++) {
        lookups[i].again = false;
    }
    pass(150); // each lookup ends, and what is known is forgotten
    for (unsigned i = 0; i < lookup_count; i++) {
        check(!lookups[i].waits);
    }
    etharp_cleanup_netif(&host_netif);
    nd6_cleanup_netif(&host_netif);
    nd6_clear_destination_cache();
    if (host_live != before) {
        fprintf(stderr, "%ld allocations are not free again\n", host_live - before);
        abort();
    }
    return 0;
}

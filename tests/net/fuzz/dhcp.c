// SPDX-License-Identifier: MIT
// Messages of a DHCP server to a client in each of its states, from DISCOVER to REBIND. What it sends
// must be bounded by what it was sent and by the time, and a lease must end. Built on the host of the
// tests of our fixes (../lwip_fixes).
//
// An input is a sequence of records: a byte what, a byte length, and that many bytes:
//   0, 1    a message, with transaction id and hardware address put right
//   2..4    an OFFER, ACK or NAK with the options that a good one has, then those of the record
//   5       time goes by, in half seconds     6       in minutes     7       what our program does
// Bits 4..7 of what: into how many pieces the frame is split.
#include "host.h"

#include "lwip/prot/dhcp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct dhcp dhcp;
static unsigned allowed; // frames that may have been sent by now

static void put_option(Bytes *b, unsigned option, uint32_t value)
{
    put8(b, option);
    put8(b, 4);
    put32(b, value);
}

static void message(unsigned what, const uint8_t *at, size_t size)
{
    static const uint8_t types[] = { DHCP_OFFER, DHCP_ACK, DHCP_NAK };
    static const uint32_t odd[] = { 0, 0xffffffff, 0xe0000001, 0x7f000001 }; // addresses
    Bytes b = { 0 }, m = { 0 };
    unsigned kind = what & 7, first = size > 0 ? at[0] : 0;
    if (kind < 2) { // the fields with options in them, too
        m.size = what & 8 ? 44 : 236;
        put(&m, at, size);
        size_t end = LWIP_MAX(m.size, 241);
        m.size = 0;
        put32(&m, 0x02010600);
        m.size = 236;
        put32(&m, 0x63825363);
        m.size = end;
    } else {
        put32(&m, 0x02010600);
        m.size = 16;
        put32(&m, first >= 0xfc ? odd[first & 3] : 0x0a000032 + first);
        m.size = 236;
        put32(&m, 0x63825363);
        put8(&m, 53);
        put8(&m, 1);
        put8(&m, types[kind - 2]);
        if (what & 8) {
            put_option(&m, 54, 0x0a000001);
            put_option(&m, 51, 600);
            put_option(&m, 1, 0xffffff00);
        }
        put(&m, size > 0 ? at + 1 : at, size > 0 ? size - 1 : 0);
    }
    uint32_t xid = lwip_htonl(dhcp.xid);
    memcpy(m.at + 4, &xid, 4);
    memcpy(m.at + 28, host_netif.hwaddr, 6);
    put16(&b, 67);
    put16(&b, 68);
    put16(&b, (unsigned)(8 + m.size));
    put16(&b, 0);
    put(&b, m.at, m.size);
    b = ip4(IP_PROTO_UDP, 1, &b);
    size_t sizes[16], n = what >> 4, done = 0;
    for (size_t i = 0; i < n; i++) {
        sizes[i] = i == 0 ? LWIP_MIN(b.size, 42 + (what & 16 ? 44u : 240u) + n)
                          : LWIP_MIN(b.size - done, n);
        done += sizes[i];
    }
    host_receive_pieces(&b, sizes, n);
    allowed += 8; // a request, and who an address belongs to
}

static void half_seconds(unsigned n)
{
    while (n-- > 0) {
        dhcp_fine_tmr();
        allowed += 8;
    }
}

static void minutes(unsigned n)
{
    while (n-- > 0) {
        dhcp_coarse_tmr();
        allowed += 8;
        check(dhcp.t0_timeout == 0 || dhcp.lease_used < dhcp.t0_timeout);
        if (dhcp.state == DHCP_STATE_BOUND || dhcp.state == DHCP_STATE_RENEWING ||
            dhcp.state == DHCP_STATE_REBINDING) {
            check(dhcp.t0_timeout != 0 || dhcp.offered_t0_lease == 0xffffffff ||
                  dhcp.offered_t0_lease == 0);
        }
    }
}

static void act(unsigned what)
{
    switch (what & 7) {
    case 0:
        if (dhcp_supplied_address(&host_netif)) {
            dhcp_renew(&host_netif);
        }
        break;
    case 1:
        dhcp_release_and_stop(&host_netif);
        break;
    case 2:
        dhcp_start(&host_netif);
        break;
    case 3:
        dhcp_inform(&host_netif);
        break;
    case 4:
        netif_set_link_down(&host_netif);
        break;
    case 5:
        netif_set_link_up(&host_netif);
        break;
    case 6:
        dhcp_network_changed_link_up(&host_netif);
        break;
    default:
        learn_arp(1);
    }
    allowed += 16;
}

static void look(void)
{
    check(dhcp.state <= DHCP_STATE_BACKING_OFF);
    check(host_sent_count <= allowed);
    if (dhcp_supplied_address(&host_netif)) {
        check(netif_ip4_addr(&host_netif)->addr == dhcp.offered_ip_addr.addr);
    }
}

static void tear_down(void)
{
    dhcp_release_and_stop(&host_netif);
    netif_set_link_up(&host_netif);
    netif_set_addr(&host_netif, IP4_ADDR_ANY4, IP4_ADDR_ANY4, IP4_ADDR_ANY4);
    for (unsigned i = 0; i < 70; i++) {
        ip_reass_tmr();
        etharp_cleanup_netif(&host_netif);
    }
    nd6_cleanup_netif(&host_netif);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static long before;
    static bool started;
    if (!started) {
        host_start_quiet();
        host_netif.hostname = "a-name-of-some-length";
        dhcp_set_struct(&host_netif, &dhcp);
        tear_down();
        before = host_live;
        started = true;
    }
    memset(&dhcp, 0, sizeof dhcp);
    host_seed(1);
    host_sent_count = 0;
    allowed = 64;
    dhcp_start(&host_netif);
    for (size_t i = 0; i + 2 <= size;) {
        size_t length = LWIP_MIN(data[i + 1], size - i - 2);
        const uint8_t *at = data + i + 2;
        switch (data[i] & 7) {
        case 5:
            half_seconds(length > 0 ? at[0] & 63 : 1);
            break;
        case 6:
            minutes(length > 0 ? at[0] & 15 : 1);
            break;
        case 7:
            act(length > 0 ? at[0] : 0);
            break;
        default:
            message(data[i], at, length);
        }
        look();
        i += 2 + length;
    }
    tear_down();
    if (host_live != before) {
        fprintf(stderr, "%ld allocations are not free again\n", host_live - before);
        abort();
    }
    return 0;
}

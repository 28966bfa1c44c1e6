// SPDX-License-Identifier: MIT
// What is left of an old lease does not renew it while another address is being requested.
#include "host.h"

#include "lwip/prot/dhcp.h"

static void put_option(Bytes *b, unsigned option, uint32_t value)
{
    put8(b, option);
    put8(b, 4);
    put32(b, value);
}

static void server_says(unsigned type, unsigned last)
{
    Bytes b = { 0 }, m = { 0 };
    put32(&m, 0x02010600);
    put32(&m, netif_dhcp_data(&host_netif)->xid);
    m.size = 16;
    put32(&m, 0x0a000000 | last);
    m.size = 28;
    put(&m, host_netif.hwaddr, 6);
    m.size = 236;
    put32(&m, 0x63825363);
    put8(&m, 53);
    put8(&m, 1);
    put8(&m, type);
    put_option(&m, 54, 0x0a000001);
    put_option(&m, 51, 600);
    put8(&m, 255);
    put16(&b, 67);
    put16(&b, 68);
    put16(&b, (unsigned)(8 + m.size));
    put16(&b, 0);
    put(&b, m.at, m.size);
    b = ip4(IP_PROTO_UDP, 1, &b);
    host_receive(&b);
}

int main(void)
{
    host_start();
    check(dhcp_start(&host_netif) == ERR_OK);
    struct dhcp *dhcp = netif_dhcp_data(&host_netif);
    server_says(DHCP_OFFER, 50);
    server_says(DHCP_ACK, 50);
    check(dhcp_supplied_address(&host_netif));
    dhcp_network_changed_link_up(&host_netif);
    server_says(DHCP_NAK, 0);
    while (dhcp->state != DHCP_STATE_SELECTING) {
        dhcp_fine_tmr();
    }
    server_says(DHCP_OFFER, 60); // and the acknowledgment is lost
    check(dhcp->state == DHCP_STATE_REQUESTING);
    for (unsigned i = 0; i < 9; i++) {
        dhcp_coarse_tmr();
        check(dhcp->state == DHCP_STATE_REQUESTING && !dhcp_supplied_address(&host_netif));
    }
    return 0;
}

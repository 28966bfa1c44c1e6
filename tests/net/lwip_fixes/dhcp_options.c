// SPDX-License-Identifier: MIT
// Options of DHCP in a message of many small pieces, as fragments give it.
#include "host.h"

int main(void)
{
    host_start();
    host_pass(1000);
    check(dhcp_start(&host_netif) == ERR_OK);
    uint32_t xid = netif_dhcp_data(&host_netif)->xid;
    for (unsigned length = 0; length < 256; length += 5) {
        Bytes b = { 0 }, message = { 0 };
        put32(&message, 0x02010600);
        put32(&message, xid);
        message.size = 28;
        put(&message, host_netif.hwaddr, 6);
        message.size = 236;
        put32(&message, 0x63825363);
        put8(&message, 120); // nothing that is known
        put8(&message, length);
        message.size += 40;
        put16(&b, 67);
        put16(&b, 68);
        put16(&b, (unsigned)(8 + message.size));
        put16(&b, 0);
        put(&b, message.at, message.size);
        b = ip4(IP_PROTO_UDP, 1, &b);
        size_t sizes[24] = { 14 + 20 + 8 + 240 }, n = 1;
        for (size_t left = message.size - 240; left > 8; left -= 8) {
            sizes[n++] = 8;
        }
        host_receive_pieces(&b, sizes, n);
        sizes[0]++; // the length in the next piece
        host_receive_pieces(&b, sizes, n - 1);
        sizes[1] = 0; // and that in the next but one
        host_receive_pieces(&b, sizes, n - 1);
    }
    return 0;
}

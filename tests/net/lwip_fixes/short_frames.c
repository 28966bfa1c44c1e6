// SPDX-License-Identifier: MIT
// Frames that end anywhere: nothing is read behind their end.
#include "host.h"

static void cut(const Bytes *frame)
{
    for (size_t size = 0; size < frame->size; size++) {
        Bytes b = *frame;
        b.size = size;
        host_receive(&b);
        if (size > 60 && b.at[12] == 0x86) { // and with a length that agrees
            b.at[18] = 0;
            b.at[19] = (uint8_t)(size - 54);
            host_receive(&b);
        } else if (size > 34 && b.at[13] == 0) {
            b.at[16] = 0;
            b.at[17] = (uint8_t)(size - 14);
            host_receive(&b);
        }
    }
}

static void extension(unsigned next, unsigned last)
{
    static const uint8_t options[] = { 58, 0, 0, 0, 0, 0, 0, 0 };
    Bytes b = { 0 };
    put(&b, options, 8);
    b.at[7] = (uint8_t)last; // an option that begins at the very end
    b = ip6(next, 0xfd00, 1, 2, &b);
    host_receive(&b);
    cut(&b);
}

int main(void)
{
    static const uint8_t arp[] = { 0,  1, 8, 0, 6, 4, 0, 1, 2, 0, 0,  0, 0, 1,
                                   10, 0, 0, 1, 0, 0, 0, 0, 0, 0, 10, 0, 0, 2 };
    host_start();
    dhcp_start(&host_netif);
    Bytes b = { 0 };
    put(&b, arp, sizeof arp);
    b = ethernet(0x0806, &b);
    cut(&b);
    host_receive(&b);
    for (unsigned proto = 0; proto < 256; proto++) {
        Bytes data = { 0 };
        data.size = 12;
        b = ip4(proto, 1, &data);
        cut(&b);
        b.at[33] = 99; // not to us: only for DHCP is it looked into
        cut(&b);
        b = ip6(proto, 0xfd00, 1, 2, &data);
        cut(&b);
    }
    for (unsigned last = 0; last < 256; last++) {
        extension(0, last);
        extension(60, last);
        extension(43, last);
        extension(44, last);
    }
    return 0;
}

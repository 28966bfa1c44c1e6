// SPDX-License-Identifier: MIT
// An IPv6 address whose last group alone is zero, as text.
#include "host.h"

int main(void)
{
    static const struct {
        uint32_t last;
        const char *text;
    } known[] = { { 0x00070000, "1:2:3:4:5:6:7:0" },
                  { 0x00000008, "1:2:3:4:5:6:0:8" },
                  { 0x00000000, "1:2:3:4:5:6::" } };
    for (size_t i = 0; i < 3; i++) {
        ip6_addr_t a;
        IP6_ADDR(&a, PP_HTONL(0x00010002), PP_HTONL(0x00030004), PP_HTONL(0x00050006),
                 lwip_htonl(known[i].last));
        char text[40];
        check(ip6addr_ntoa_r(&a, text, sizeof text) == text);
        check(strcmp(text, known[i].text) == 0);
    }
    return 0;
}

// SPDX-License-Identifier: MIT
// An answer counts if it is for the name that was asked for, and from the server's port.
#include "host.h"

static unsigned found;

static void answer(const char *name, const ip_addr_t *address, void *arg)
{
    (void)name, (void)arg;
    found += address != NULL;
}

int main(void)
{
    host_start();
    learn_arp(1);
    ip_addr_t server = IPADDR4_INIT_BYTES(10, 0, 0, 1), address;
    dns_setserver(0, &server);
    check(dns_gethostbyname("ab.cd.example", &address, answer, NULL) == ERR_INPROGRESS);
    answer_dns(53, "\2ab", 4); // only its beginning
    answer_dns(53, "\2ab\2cd", 7);
    answer_dns(53, "\5abxcd\7example", 15);        // other labels
    answer_dns(53, "\2ab\2cd\7example\0", 16 - 2); // cut off
    static const uint8_t behind[] = "\2ab\2cd\30example\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0";
    answer_dns(53, behind, sizeof behind);     // and what lies behind it
    answer_dns(5353, "\2ab\2cd\7example", 15); // not from the server
    check(found == 0);
    answer_dns(53, "\2AB\2cd\7example", 15);
    check(found == 1);
    return 0;
}

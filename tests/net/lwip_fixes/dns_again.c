// SPDX-License-Identifier: MIT
// A lookup of the same name from the callback of one that failed is a new one, and is called back.
#include "host.h"

static unsigned called, answered;

static void second(const char *name, const ip_addr_t *address, void *arg)
{
    (void)name, (void)address, (void)arg;
    answered++;
}

static void first(const char *name, const ip_addr_t *address, void *arg)
{
    ip_addr_t known;
    (void)arg;
    called++;
    check(address == NULL);
    if (called == 2) { // the other lookup has left its place, which is before ours
        check(dns_gethostbyname(name, &known, second, NULL) == ERR_INPROGRESS);
    }
}

int main(void)
{
    host_start();
    learn_arp(1);
    ip_addr_t server = IPADDR4_INIT_BYTES(10, 0, 0, 1), address;
    dns_setserver(0, &server);
    check(dns_gethostbyname("a.example", &address, first, NULL) == ERR_INPROGRESS);
    check(dns_gethostbyname("a.example", &address, first, NULL) == ERR_INPROGRESS);
    for (unsigned i = 0; i < 60; i++) {
        dns_tmr();
        if (called < 2) {
            check(answered == 0);
        }
    }
    check(called == 2 && answered == 1);
    return 0;
}

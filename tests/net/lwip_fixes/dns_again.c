// SPDX-License-Identifier: MIT
// A lookup from a callback is a new one: it does not join the one that has failed, nor take the place of
// the one that is being answered.
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

static void found(const char *name, const ip_addr_t *address, void *arg)
{
    ip_addr_t known;
    (void)name, (void)arg;
    called++;
    check(address != NULL);
    check(dns_gethostbyname("other", &known, second, NULL) == ERR_MEM);
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
    static const char *const names[] = { "a", "b", "c", "d" }; // as many as there is room for
    for (unsigned i = 0; i < DNS_TABLE_SIZE; i++) {
        check(dns_gethostbyname(names[i], &address, found, NULL) == ERR_INPROGRESS);
    }
    answer_dns(53, NULL, 0);
    check(called == 3 && answered == 1);
    return 0;
}

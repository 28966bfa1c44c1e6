// SPDX-License-Identifier: MIT
// An answer counts if it is for the name that was asked for, and from the server's port.
#include "host.h"

static unsigned found;

static void answer(const char *name, const ip_addr_t *address, void *arg)
{
    (void)name, (void)arg;
    found += address != NULL;
}

static void reply(unsigned port, const void *name, size_t size)
{
    const Bytes *query = NULL;
    for (unsigned i = 0; i < host_sent_count && i < 64; i++) {
        if (host_sent[i].at[23] == IP_PROTO_UDP && get16(host_sent[i].at + 36) == 53) {
            query = &host_sent[i];
        }
    }
    check(query != NULL);
    Bytes b = { 0 };
    put16(&b, port);
    put16(&b, get16(query->at + 34));
    put32(&b, 0);
    put16(&b, get16(query->at + 42));
    put16(&b, 0x8180);
    put32(&b, 0x00010001);
    put32(&b, 0);
    put(&b, name, size);
    put32(&b, 0x00010001);
    put16(&b, 0xc00c);
    put32(&b, 0x00010001);
    put32(&b, 60);
    put16(&b, 4);
    put32(&b, 0x01020304);
    b = ip4(IP_PROTO_UDP, 1, &b);
    host_receive(&b);
}

int main(void)
{
    host_start();
    learn_arp(1);
    ip_addr_t server = IPADDR4_INIT_BYTES(10, 0, 0, 1), address;
    dns_setserver(0, &server);
    check(dns_gethostbyname("ab.cd.example", &address, answer, NULL) == ERR_INPROGRESS);
    reply(53, "\2ab", 4); // only its beginning
    reply(53, "\2ab\2cd", 7);
    reply(53, "\5abxcd\7example", 15);        // other labels
    reply(53, "\2ab\2cd\7example\0", 16 - 2); // cut off
    static const uint8_t behind[] = "\2ab\2cd\30example\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0";
    reply(53, behind, sizeof behind);     // and what lies behind it
    reply(5353, "\2ab\2cd\7example", 15); // not from the server
    check(found == 0);
    reply(53, "\2AB\2cd\7example", 15);
    check(found == 1);
    return 0;
}

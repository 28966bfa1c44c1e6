// SPDX-License-Identifier: MIT
// Link-layer addresses are read only from options of the right kind that are there as a whole.
#include "host.h"

static void message(unsigned type, unsigned flags, unsigned target, const char *options,
                    size_t size)
{
    Bytes b = { 0 };
    put32(&b, type << 24);
    put32(&b, flags << 24);
    put_ip6(&b, 0xfd00, target);
    if (type == 137) {
        put_ip6(&b, 0xfd00, 0x10);
    }
    put(&b, options, size);
    b = ip6(58, type == 137 ? 0xfe80 : 0xfd00, 0x10, 2, &b);
    host_receive(&b);
}

static void ping(void)
{
    Bytes b = { 0 };
    put32(&b, 128u << 24);
    put32(&b, 0x00010001);
    b = ip6(58, 0xfd00, 0x10, 2, &b);
    host_receive(&b);
}

int main(void)
{
    host_start();
    ping(); // fd00::10 is looked for now
    unsigned before = host_sent_count;
    message(136, 0x60, 0x10, "\2\0", 2);              // an advertisement with an option of length 0
    message(136, 0x60, 0x10, "\2\1\2\0", 4);          // one that goes on behind the frame
    message(136, 0x60, 0x10, "\16\1\3\3\3\3\3\3", 8); // a nonce is no address
    message(136, 0x60, 0x10, "", 0);
    message(135, 0, 2, "\1\0", 2); // solicitations
    message(135, 0, 2, "\1\1\2", 3);
    message(135, 0, 2, "\16\1\3\3\3\3\3\3", 8);
    message(137, 0, 0x20, "\2\0", 2); // redirects
    message(137, 0, 0x20, "\2\1\2", 3);
    check(host_sent_count == before);
    message(136, 0x60, 0x10, "\16\1\3\3\3\3\3\3\2\1\2\0\0\0\0\20",
            16); // the address may come second
    check(host_sent_count == before + 1);
    check(memcmp(host_sent[before % 64].at, "\2\0\0\0\0\20", 6) == 0);
    return 0;
}

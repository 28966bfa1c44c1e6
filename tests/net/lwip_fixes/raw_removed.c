// SPDX-License-Identifier: MIT
// A raw callback may remove its pcb, whether it takes the packet or not.
#include "host.h"

static unsigned calls;

static u8_t receive(void *arg, struct raw_pcb *pcb, struct pbuf *p, const ip_addr_t *from)
{
    (void)from;
    calls++;
    raw_remove(pcb);
    if (arg != NULL) {
        pbuf_free(p);
        return 1;
    }
    return 0;
}

int main(void)
{
    host_start();
    for (unsigned eats = 0; eats < 2; eats++) {
        struct raw_pcb *other = NULL;
        for (unsigned i = 0; i < 3; i++) {
            other = raw_new(99);
            raw_recv(other, receive, eats ? &calls : NULL);
        }
        struct raw_pcb *first = raw_new(98);
        Bytes b = { .size = 12 };
        b = ip4(99, 1, &b);
        for (unsigned i = 0; i < 4; i++) {
            host_receive(&b);
        }
        raw_remove(first);
        check(calls == 3);
        calls = 0;
    }
    return 0;
}

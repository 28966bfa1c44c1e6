// SPDX-License-Identifier: MIT
//
// A callback made a call: lwIP promises to call back some day, whoever waits may have left by then. So
// the request is an object of a pool, which the callback gives back if nobody waits any more.
#include "kernel/callgraph.h"
#include "net/dns.h"

#include <errno.h>

#include "kernel/oneshot.h"
#include "kernel/panic.h"
#include "kernel/pool.h"
#include "lwip/dns.h"
#include "net/lwip/timers.h"
#include "net/stack.h"

struct request {
    struct oneshot answered; // with 0 or a negative errno
    ip_addr_t address;
    bool left; // nobody waits for it any more
};

static POOL(requests, struct request, DNS_TABLE_SIZE * 2);

static void on_found(const char *name, const ip_addr_t *address, void *arg)
{
    struct request *r = arg;

    (void)name;
    if (r->left) {
        pool_free(&requests, r);
        return;
    }
    if (address != NULL) {
        r->address = *address;
    }
    oneshot_fire(&r->answered, address != NULL ? 0 : -ENOENT);
}
MUST_NOT_SWITCH(on_found);

struct question {
    struct request *request;
    const char *name;
    enum dns_want want;
};

static intptr_t send_question(void *arg)
{
    static const u8_t types[] = { LWIP_DNS_ADDRTYPE_IPV4_IPV6, LWIP_DNS_ADDRTYPE_IPV4,
                                  LWIP_DNS_ADDRTYPE_IPV6 };
    const struct question *q = arg;
    err_t error = dns_gethostbyname_addrtype(q->name, &q->request->address, on_found, q->request,
                                             types[q->want]);

    net_timers_for_names();
    return error;
}

static int ask(struct request *r, const char *name, enum dns_want want, deadline_t d)
{
    struct question question = { r, name, want };
    intptr_t result;
    err_t error = (err_t)net_call(send_question, &question);

    if (error != ERR_INPROGRESS) {
        return error == ERR_VAL ? -EHOSTUNREACH : error == ERR_ARG ? -EINVAL : net_error(error);
    }
    int waited = oneshot_wait(&r->answered, &result, d);

    r->left = waited < 0;
    return waited < 0 ? waited : (int)result;
}

int dns_lookup(const char *name, uint16_t port, enum dns_want want, struct net_addr *a,
               deadline_t d)
{
    ASSERT(name != NULL && a != NULL, "dns_lookup: NULL");
    struct request *r = pool_alloc(&requests);

    if (r == NULL) {
        return -ENOBUFS;
    }
    r->left = false;
    oneshot_init(&r->answered, "name");
    int result = ask(r, name, want, d);

    if (result == 0) {
        *a = net_from_lwip(&r->address, port);
    }
    if (!r->left) {
        pool_free(&requests, r);
    }
    return result;
}

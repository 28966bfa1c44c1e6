// SPDX-License-Identifier: MIT
//
// A raw socket of lwIP's is shown every ICMP message; what it takes for itself, the stack does not see
// again. It takes replies to its own request, and looks at reports of what could not be delivered.
//
//      IP header | type code checksum | id sequence | data ...       echo request and reply
//      IP header | type code checksum | unused      | IP header id   a report: of what it is about
#include "kernel/callgraph.h"
#include "net/ping.h"

#include <errno.h>
#include <string.h>

#include "kernel/oneshot.h"
#include "kernel/panic.h"
#include "kernel/pool.h"
#include "lwip/inet_chksum.h"
#include "lwip/ip.h"
#include "lwip/prot/icmp.h"
#include "lwip/prot/icmp6.h"
#include "lwip/prot/ip6.h"
#include "lwip/raw.h"
#include "net/random.h"
#include "net/stack.h"

enum { HEADER = 8, INNER_ID = 4 }; // bytes of an echo message before its data; where its id stands

struct ping {
    struct oneshot answered; // with 0 or a negative errno
    struct raw_pcb *raw;
    ip_addr_t to;
    uint64_t when;    // it was answered
    uint32_t id;      // id and sequence: 32 random bits, as they lie in the message
    uint16_t size;    // of the data
    uint8_t first;    // byte of the data; each is one more than that before it
    uint8_t reply;    // the types of ICMP or ICMPv6
    uint8_t report;   //
    uint8_t ip_bytes; // of the header that stands in a report, without options
};

static POOL(pings, struct ping, MEMP_NUM_RAW_PCB);

static uint32_t id_at(const struct pbuf *p, size_t offset)
{
    uint32_t id = 0;

    pbuf_copy_partial(p, &id, sizeof id, (u16_t)offset);
    return id;
}

static int check_data(const struct ping *ping, const struct pbuf *p, size_t offset)
{
    if (p->tot_len != offset + ping->size) {
        return -EBADMSG;
    }
    for (size_t i = 0; i < ping->size; i++) {
        if (pbuf_get_at(p, (u16_t)(offset + i)) != (uint8_t)(ping->first + i)) {
            return -EBADMSG;
        }
    }
    return 0;
}

static u8_t on_message(void *arg, struct raw_pcb *pcb, struct pbuf *p, const ip_addr_t *from)
{
    struct ping *ping = arg;
    size_t icmp = ip_current_header_tot_len();

    (void)pcb;
    if (p->tot_len < icmp + HEADER) {
        return 0;
    }
    uint8_t type = pbuf_get_at(p, (u16_t)icmp);

    if (type == ping->report && id_at(p, icmp + HEADER + ping->ip_bytes + INNER_ID) == ping->id) {
        oneshot_fire(&ping->answered, -EHOSTUNREACH);
        return 0;
    }
    if (type != ping->reply || id_at(p, icmp + INNER_ID) != ping->id ||
        !ip_addr_eq(from, &ping->to)) {
        return 0;
    }
    ping->when = time_now();
    oneshot_fire(&ping->answered, check_data(ping, p, icmp + HEADER));
    pbuf_free(p);
    return 1;
}
MUST_NOT_SWITCH(on_message);

static struct pbuf *make_request(const struct ping *ping, uint8_t type)
{
    struct pbuf *p = pbuf_alloc(PBUF_IP, (u16_t)(HEADER + ping->size), PBUF_RAM);

    if (p == NULL) {
        return NULL;
    }
    uint8_t *bytes = p->payload;

    memset(bytes, 0, HEADER);
    bytes[0] = type;
    memcpy(bytes + INNER_ID, &ping->id, sizeof ping->id);
    for (size_t i = 0; i < ping->size; i++) {
        bytes[HEADER + i] = (uint8_t)(ping->first + i);
    }
    return p;
}

static int send_request(struct ping *ping)
{
    bool v6 = IP_IS_V6(&ping->to);
    struct pbuf *p = make_request(ping, v6 ? ICMP6_TYPE_EREQ : ICMP_ECHO);

    if (p == NULL) {
        return -ENOBUFS;
    }
#if LWIP_IPV6
    ping->raw->chksum_reqd = v6; // with the addresses, which only lwIP knows
    ping->raw->chksum_offset = 2;
#endif
    if (!v6) {
        uint16_t sum = inet_chksum(p->payload, p->len);

        memcpy((uint8_t *)p->payload + 2, &sum, sizeof sum);
    }
    err_t error = raw_sendto(ping->raw, p, &ping->to);

    pbuf_free(p);
    return net_error(error);
}

static int open_raw(struct ping *ping)
{
    bool v6 = IP_IS_V6(&ping->to);

    ping->reply = v6 ? ICMP6_TYPE_EREP : ICMP_ER;
    ping->report = v6 ? ICMP6_TYPE_DUR : ICMP_DUR;
    ping->ip_bytes = v6 ? 40 : 20;
    ping->raw = raw_new_ip_type(IP_GET_TYPE(&ping->to), v6 ? IP6_NEXTH_ICMP6 : IP_PROTO_ICMP);
    if (ping->raw == NULL) {
        return -ENOBUFS;
    }
    raw_recv(ping->raw, on_message, ping);
    return 0;
}

static intptr_t begin(void *arg)
{
    int result = open_raw(arg);

    return result == 0 ? send_request(arg) : result;
}

static int run(struct ping *ping, uint32_t *microseconds, deadline_t d)
{
    uint64_t start = time_now();
    intptr_t answer;

    int result = (int)net_call(begin, ping);

    if (result == 0) {
        result = oneshot_wait(&ping->answered, &answer, d);
        result = result == 0 ? (int)answer : result;
    }
    net_enter();
    if (ping->raw != NULL) {
        raw_remove(ping->raw);
    }
    net_leave();
    if (result == 0 && microseconds != NULL) {
        *microseconds = (uint32_t)((ping->when - start) * 1000 / (TICK_HZ / 1000));
    }
    return result;
}

int net_ping(const struct net_addr *to, size_t size, uint32_t *microseconds, deadline_t d)
{
    ASSERT(to != NULL, "net_ping: NULL");
    if (to->family == NET_ANY) {
        return -EINVAL;
    }
    if (size > PING_SIZE_MAX) {
        return -EMSGSIZE;
    }
    struct ping *ping = pool_alloc(&pings);

    if (ping == NULL) {
        return -ENOBUFS;
    }
    *ping = (struct ping){ .to = net_to_lwip(to), .id = random_u32(), .size = (uint16_t)size };
    ping->first = (uint8_t)ping->id;
    oneshot_init(&ping->answered, "echo");
    int result = run(ping, microseconds, d);

    pool_free(&pings, ping);
    return result;
}

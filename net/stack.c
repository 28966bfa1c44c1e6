// SPDX-License-Identifier: MIT
//
// lwIP between a device and the sockets: the interface, its poller, its configuration.
#include "net/stack.h"

#include <errno.h>
#include <string.h>

#include "drivers/net/net.h"
#include "kernel/callgraph.h"
#include "kernel/panic.h"
#include "kernel/poller.h"
#include "lwip/dhcp.h"
#include "lwip/dns.h"
#include "lwip/etharp.h"
#include "lwip/ethip6.h"
#include "lwip/init.h"
#include "lwip/nd6.h"
#include "lwip/pbuf.h"
#include "lwip/stats.h"
#include "net/lwip/timers.h"
#include "net/net.h"
#include "net/random.h"
#include "net/socket.h"

enum {
    FRAMES = 8,                   // taken in one pass; the tasklets have their turn in between
    WAITING = NET_SMALL ? 16 : 64 // frames that wait for room in the device
};

static void poll(struct poller *self);

struct netif net_interface;

static struct poller poller = POLLER_INIT(poll);
static struct waitq changed = WAITQ_INIT(changed, "address");
static struct net_config config;
static deadline_t fall_back_at = { UINT64_MAX };
static uint32_t dropped;
static bool started;
static struct {
    struct pbuf *frames[WAITING];
    unsigned first, count;
} waiting;

int net_error(err_t error)
{
    switch (error) {
    case ERR_OK:
        return 0;
    case ERR_MEM:
    case ERR_BUF:
        return -ENOBUFS;
    case ERR_TIMEOUT:
        return -ETIMEDOUT;
    case ERR_RTE:
        return -EHOSTUNREACH;
    case ERR_INPROGRESS:
        return -EINPROGRESS;
    case ERR_WOULDBLOCK:
        return -EAGAIN;
    case ERR_USE:
        return -EADDRINUSE;
    case ERR_ALREADY:
        return -EALREADY;
    case ERR_ISCONN:
        return -EISCONN;
    case ERR_CONN:
        return -ENOTCONN;
    case ERR_IF:
        return -ENETDOWN;
    case ERR_ABRT:
        return -ECONNABORTED;
    case ERR_RST:
        return -ECONNRESET;
    case ERR_CLSD:
        return -EPIPE;
    default:
        return -EINVAL;
    }
}

void net_assert_entered(void)
{
    ASSERT(!CONFIG_ASSERT || sched.no_switch > 0, "lwIP was entered without net_enter()");
}

uint16_t net_random_port(void)
{
    return (uint16_t)(49152 + random_below(65536 - 49152));
}

// ---- Frames out ----

static int send_now(const struct pbuf *p)
{
    struct net_piece pieces[NET_PIECES];
    size_t n = 0;

    for (const struct pbuf *q = p; q != NULL; q = q->next) {
        pieces[n++] = (struct net_piece){ q->payload, q->len };
    }
    return board_netdev.driver->send(&board_netdev, pieces, n);
}

// Frames wait in order; nobody overtakes.
static void send_waiting(void)
{
    while (waiting.count > 0) {
        struct pbuf *p = waiting.frames[waiting.first];

        if (send_now(p) == -EAGAIN) {
            return;
        }
        waiting.first = (waiting.first + 1) % WAITING;
        waiting.count--;
        pbuf_free(p);
    }
}

static err_t wait_to_send(struct pbuf *p)
{
    if (waiting.count == WAITING) {
        dropped++;
        return ERR_MEM;
    }
    pbuf_ref(p);
    waiting.frames[(waiting.first + waiting.count++) % WAITING] = p;
    return ERR_OK;
}

static err_t output(struct netif *netif, struct pbuf *p)
{
    (void)netif;
    if (pbuf_clen(p) > NET_PIECES) { // nobody makes such, but fragments of fragments
        struct pbuf *whole = pbuf_clone(PBUF_RAW, PBUF_RAM, p);
        err_t result = whole != NULL ? output(netif, whole) : ERR_MEM;

        if (whole != NULL) {
            pbuf_free(whole);
        }
        return result;
    }
    if (waiting.count == 0) {
        int sent = send_now(p);

        if (sent != -EAGAIN) {
            return sent == 0 ? ERR_OK : ERR_IF;
        }
    }
    return wait_to_send(p);
}
RECURSES(output, 2); // a packet of many pieces goes out as its copy, which is one

// ---- Frames in ----

static void take(struct netdev *d, size_t length)
{
    struct pbuf *p = pbuf_alloc(PBUF_RAW, (u16_t)length, PBUF_POOL);

    if (p == NULL) {
        dropped++;
        d->driver->done(d);
        PBUF_CHECK_FREE_OOSEQ(); // segments behind a gap make room for the one that fills it
        return;
    }
    for (struct pbuf *q = p; q != NULL; q = q->next) {
        d->driver->read(d, q->payload, q->len);
    }
    d->driver->done(d);
    if (net_interface.input(p, &net_interface) != ERR_OK) {
        pbuf_free(p);
    }
}

static void take_all(struct netdev *d)
{
    size_t length;

    for (unsigned n = 0; n < FRAMES; n++) {
        if ((length = d->driver->next(d)) == 0) {
            d->driver->listen(d);
            if ((length = d->driver->next(d)) == 0) {
                return;
            }
        }
        take(d, length);
    }
    poller_kick(&poller);
}

// ---- The link and the addresses ----

static void status(struct netif *netif)
{
    (void)netif;
    waitq_wake_all(&changed);
}

static void use(const struct net_addr *address)
{
    ip_addr_t ip = net_to_lwip(address), mask = net_to_lwip(&config.mask),
              gateway = net_to_lwip(&config.gateway);

    if (config.mask.family == NET_ANY) {
        IP_ADDR4(&mask, 255, 255, 255, 0);
    }
    netif_set_addr(&net_interface, ip_2_ip4(&ip), ip_2_ip4(&mask), ip_2_ip4(&gateway));
}

void net_look(void)
{
    struct netdev *d = &board_netdev;
    bool was = d->link;

    d->driver->look(d);
    if (d->link && !netif_is_link_up(&net_interface)) {
        netif_set_link_up(&net_interface);
    } else if (!d->link && was) {
        netif_set_link_down(&net_interface);
    }
    if (time_now() >= fall_back_at.ticks) {
        fall_back_at = FOREVER;
        if (ip4_addr_isany(netif_ip4_addr(&net_interface))) {
            use(&config.fallback);
        }
    }
}

static err_t init(struct netif *netif)
{
    struct netdev *d = &board_netdev;

    netif->name[0] = 'e';
    netif->name[1] = 'n';
    netif->hwaddr_len = ETH_HWADDR_LEN;
    memcpy(netif->hwaddr, d->mac, ETH_HWADDR_LEN);
    netif->mtu = 1500;
    netif->flags = NETIF_FLAG_BROADCAST | NETIF_FLAG_ETHARP | NETIF_FLAG_ETHERNET |
                   NETIF_FLAG_IGMP | NETIF_FLAG_MLD6;
    netif->output = etharp_output;
#if LWIP_IPV6
    netif->output_ip6 = ethip6_output;
#endif
    netif->linkoutput = output;
    netif->hostname = config.name;
    return ERR_OK;
}

static void configure(struct netif *netif)
{
    if (config.dns.family != NET_ANY) {
        ip_addr_t server = net_to_lwip(&config.dns);

        dns_setserver(0, &server);
    }
#if LWIP_IPV6
    netif_create_ip6_linklocal_address(netif, 1);
    netif_set_ip6_autoconfig_enabled(netif, 1);
#endif
    if (config.address.family != NET_ANY) {
        use(&config.address);
        return;
    }
    dhcp_start(netif);
    if (config.fallback_ms != 0) {
        fall_back_at = after_ms(config.fallback_ms);
    }
}

// ---- The poller ----

// Its first turn: on its stack, not on that of whoever calls net_start().
static void begin(void)
{
    lwip_init();
    netif_add_noaddr(&net_interface, NULL, init, netif_input);
    netif_set_default(&net_interface);
    netif_set_status_callback(&net_interface, status);
    netif_set_up(&net_interface);
    if (board_netdev.link) {
        netif_set_link_up(&net_interface);
    }
    configure(&net_interface);
    net_timers_start();
    started = true;
}

static void poll(struct poller *self)
{
    (void)self;
    net_enter();
    if (!started) {
        begin();
    }
    send_waiting();
    take_all(&board_netdev);
    netif_poll(&net_interface);
    net_leave();
}

void net_deliver(void)
{
    poller_kick(&poller);
}

int net_start(const struct net_config *c)
{
    struct netdev *d = &board_netdev;

    if (d->poller != NULL) {
        return -EALREADY;
    }
    d->poller = &poller;
    int error = d->driver->start(d);

    if (error != 0) {
        d->poller = NULL;
        return error;
    }
    if (c != NULL) {
        config = *c;
    }
    poller_register(&poller);
    while (!started) {
        tasklet_yield(); // the poller has its turn first
    }
    return 0;
}

int net_wait(deadline_t d)
{
    while (ip4_addr_isany(netif_ip4_addr(&net_interface))) {
        int waited = wait_on(&changed, "net_wait", d);

        if (waited < 0) {
            return waited;
        }
    }
    return 0;
}

bool net_address(unsigned index, struct net_addr *a)
{
    if (!ip4_addr_isany(netif_ip4_addr(&net_interface)) && index-- == 0) {
        *a = net_from_lwip(netif_ip_addr4(&net_interface), 0);
        return true;
    }
#if LWIP_IPV6
    for (int8_t i = 0; i < LWIP_IPV6_NUM_ADDRESSES; i++) {
        if (ip6_addr_isvalid(netif_ip6_addr_state(&net_interface, i)) && index-- == 0) {
            *a = net_from_lwip(netif_ip_addr6(&net_interface, i), 0);
            return true;
        }
    }
#endif
    return false;
}

bool net_gateway(struct net_addr *a)
{
    *a = net_from_lwip(netif_ip_gw4(&net_interface), 0);
    return !ip4_addr_isany(netif_ip4_gw(&net_interface));
}

bool net_link(void)
{
    return board_netdev.link;
}

// ---- Counters ----

void net_statistics(struct net_statistics *s)
{
    const struct net_stats *device = &board_netdev.stats;

    *s = (struct net_statistics){
        .frames_in = device->received,
        .frames_out = device->sent,
        .frames_dropped = dropped + lwip_stats.ip.drop,
        .device_overruns = device->overruns,
        .device_errors = device->errors,
        .tcp_in = lwip_stats.tcp.recv,
        .tcp_out = lwip_stats.tcp.xmit,
        .tcp_dropped = lwip_stats.tcp.drop + lwip_stats.tcp.memerr,
        .refused = sock_refused,
        .udp_in = lwip_stats.udp.recv,
        .udp_out = lwip_stats.udp.xmit,
        .udp_dropped = lwip_stats.udp.drop,
        .checksum_errors = lwip_stats.ip.chkerr + lwip_stats.tcp.chkerr + lwip_stats.udp.chkerr,
    };
}

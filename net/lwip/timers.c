// SPDX-License-Identifier: MIT
//
// lwIP's clockwork on the kernel's timers (LWIP_TIMERS_CUSTOM). lwIP wants some functions called at
// fixed intervals for ever, ten times a second and more; here each says whether it has anything to do,
// and only those that do keep the system awake.
#include "net/lwip/timers.h"

#include "kernel/timer.h"
#include "lwip/dhcp.h"
#include "lwip/dns.h"
#include "lwip/etharp.h"
#include "lwip/igmp.h"
#include "lwip/ip4_frag.h"
#include "lwip/ip6_frag.h"
#include "lwip/memp.h"
#include "lwip/mld6.h"
#include "lwip/nd6.h"
#include "lwip/priv/tcp_priv.h"
#include "lwip/prot/dhcp.h"
#include "lwip/stats.h"
#include "lwip/sys.h"
#include "lwip/timeouts.h"
#include "net/stack.h"

struct cycle {
    uint32_t ms;
    void (*run)(void);
    bool (*needed)(void);
};

static bool always(void)
{
    return true;
}

static bool tcp_needed(void)
{
    return tcp_active_pcbs != NULL || tcp_tw_pcbs != NULL;
}

static bool reassembly_needed(void)
{
    return lwip_stats.memp[MEMP_REASSDATA]->used != 0;
}

static bool dhcp_needed(void)
{
    const struct dhcp *dhcp = netif_default != NULL ? netif_dhcp_data(netif_default) : NULL;

    return dhcp != NULL && dhcp->request_timeout != 0;
}

static bool igmp_needed(void)
{
    const struct igmp_group *g = netif_default != NULL ? netif_igmp_data(netif_default) : NULL;

    while (g != NULL && g->timer == 0) {
        g = g->next;
    }
    return g != NULL;
}

// Whoever asks for a name says so; afterwards it is needed as long as names are kept, once a second. What
// stood still would not grow old. An answer may take a minute.
static uint32_t dns_seconds;

static void dns_run(void)
{
    dns_tmr();
    dns_seconds--;
}

static bool dns_needed(void)
{
    return dns_seconds != 0;
}

#if LWIP_IPV6
static bool reassembly6_needed(void)
{
    return lwip_stats.memp[MEMP_IP6_REASSDATA]->used != 0;
}

static bool mld_needed(void)
{
    const struct mld_group *g = netif_default != NULL ? netif_mld6_data(netif_default) : NULL;

    while (g != NULL && g->timer == 0) {
        g = g->next;
    }
    return g != NULL;
}
#endif

static const struct cycle cycles[] = {
    { TCP_TMR_INTERVAL, tcp_tmr, tcp_needed }, // first: see tcp_timer_needed()
    { IP_TMR_INTERVAL, ip_reass_tmr, reassembly_needed },
    { ARP_TMR_INTERVAL, etharp_tmr, always }, // also looks whether the others are needed
    { DHCP_COARSE_TIMER_MSECS, dhcp_coarse_tmr, always },
    { DHCP_FINE_TIMER_MSECS, dhcp_fine_tmr, dhcp_needed },
    { IGMP_TMR_INTERVAL, igmp_tmr, igmp_needed },
    { DNS_TMR_INTERVAL, dns_run, dns_needed },
    { ARP_TMR_INTERVAL, net_look, always },
#if LWIP_IPV6
    { ND6_TMR_INTERVAL, nd6_tmr, always },
    { IP6_REASS_TMR_INTERVAL, ip6_reass_tmr, reassembly6_needed },
    { MLD6_TMR_INTERVAL, mld6_tmr, mld_needed },
#endif
};

enum { CYCLES = sizeof cycles / sizeof cycles[0], NOT_RUNNING = 0 };

static ticks_t due[CYCLES]; // NOT_RUNNING, or when the cycle runs next
static struct timer timer;

// Starts what is needed, stops what is not, and sets the timer for the next.
static void arrange(uint64_t now)
{
    uint64_t next = UINT64_MAX;

    for (unsigned i = 0; i < CYCLES; i++) {
        if (!cycles[i].needed()) {
            due[i] = NOT_RUNNING;
            continue;
        }
        if (due[i] == NOT_RUNNING) {
            due[i] = now + ticks_from_ms(cycles[i].ms);
        }
        next = due[i] < next ? due[i] : next;
    }
    timer_cancel(&timer);
    timer_arm(&timer, (deadline_t){ next });
}

static void fire(struct timer *t)
{
    uint64_t now = time_now();

    (void)t;
    net_enter();
    for (unsigned i = 0; i < CYCLES; i++) {
        if (due[i] != NOT_RUNNING && due[i] <= now) {
            cycles[i].run();
            due[i] += ticks_from_ms(cycles[i].ms);
            if (due[i] <= now) { // the processor was held; what was missed is not made up for
                due[i] = now + ticks_from_ms(cycles[i].ms);
            }
        }
    }
    net_leave();
    arrange(now);
}

void net_timers_look(void)
{
    arrange(time_now());
}

void net_timers_for_names(void)
{
    if (dns_seconds == 0) {
        dns_seconds = 1;
        net_timers_look();
    }
    dns_seconds = DNS_MAX_TTL + 60;
}

void net_timers_start(void)
{
    timer.fire = fire;
    net_timers_look();
}

// lwIP: the first connection has come into being.
void tcp_timer_needed(void)
{
    if (due[0] == NOT_RUNNING) {
        net_timers_look();
    }
}

// lwIP's own timeouts are used by applications of its that are not linked here.
void sys_timeouts_init(void)
{
}

u32_t sys_now(void)
{
    return (u32_t)(time_now() / (TICK_HZ / 1000));
}

// SPDX-License-Identifier: MIT
//
// The LM3S6965's Ethernet, with the LEDs of its socket at PF2 and PF3.
#include "drivers/net/stellaris.h"

#define SYSCTL_RCGC2 (*(volatile uint32_t *)0x400FE108)
#define USER_REG0    (*(const volatile uint32_t *)0x400FE1E0) // in flash; all ones unless programmed
#define USER_REG1    (*(const volatile uint32_t *)0x400FE1E4)
#define PORT_F_AFSEL (*(volatile uint32_t *)0x40025420)
#define PORT_F_DEN   (*(volatile uint32_t *)0x4002551C)

enum {
    ETHERNET = 42,
    RCGC2_EPHY_EMAC = 1 << 30 | 1 << 28,
    LEDS = 3 << 2,
};

struct netdev board_netdev = NETDEV_INIT("eth0", &net_stellaris, 0x40048000, ETHERNET);

void board_netdev_interrupt(void)
{
    net_stellaris_interrupt(&board_netdev);
}

// The maker programs the board's address into the user registers, three bytes each, and QEMU does the
// same. Without it all such boards are 02:00:00:69:65:01.
static void choose_address(uint8_t mac[6])
{
    uint32_t halves[2] = { USER_REG0, USER_REG1 };

    if ((halves[0] | halves[1]) == 0 || halves[0] == UINT32_MAX || halves[1] == UINT32_MAX) {
        halves[0] = 0x000002;
        halves[1] = 0x016569;
    }
    for (unsigned i = 0; i < 6; i++) {
        mac[i] = (uint8_t)(halves[i / 3] >> i % 3 * 8);
    }
}

void net_stellaris_prepare(struct netdev *d)
{
    SYSCTL_RCGC2 |= RCGC2_EPHY_EMAC;
    (void)
        SYSCTL_RCGC2; // a clock takes three cycles to come on; board_init() has turned on port F's
    PORT_F_AFSEL |= LEDS;
    PORT_F_DEN |= LEDS;
    choose_address(d->mac);
}

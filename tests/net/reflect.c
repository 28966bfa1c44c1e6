// SPDX-License-Identifier: MIT
//
// Sends each Ethernet frame back to where it came from, without a stack: for tests of a board's device
// and of wires. It says "ready" when it is, and ends with a frame of type 0x88B5 (IEEE's for local
// experiments).
#include <errno.h>
#include <string.h>

#include "boards/board.h"
#include "drivers/net/net.h"
#include "io/printf.h"
#include "io/uart.h"
#include "kernel/arch.h"
#include "kernel/tasklet.h"

static void reflect(struct poller *unused);

static struct poller poller = POLLER_INIT(reflect);
static struct netdev *const eth = &board_netdev;
static _Alignas(4) uint8_t frame[NET_FRAME_MAX + 4];
static size_t size; // of the frame that waits to be sent; 0 if none does
static bool ended;

static bool receive(void)
{
    size = eth->driver->next(eth);
    if (size == 0) {
        return false;
    }
    eth->driver->read(eth, frame, size);
    eth->driver->done(eth);

    uint8_t *to = frame + NET_PAD, *from = to + 6;

    ended |= to[12] == 0x88 && to[13] == 0xB5;
    memcpy(to, from, 6);
    memcpy(from, eth->mac, 6);
    return true;
}

// False if there is no room now; the device kicks when there is.
static bool reply(void)
{
    const struct net_piece piece = { frame, size };

    if (size > 0 && eth->driver->send(eth, &piece, 1) == -EAGAIN) {
        return false;
    }
    size = 0;
    return true;
}

static void reflect(struct poller *unused)
{
    (void)unused;
    if (!reply()) {
        return;
    }
    for (int round = 0; round < 2; round++) {
        while (receive()) {
            if (!reply()) {
                return;
            }
        }
        eth->driver->listen(eth);
    }
}

int main(void)
{
    poller_register(&poller);
    eth->poller = &poller;
    if (eth->driver->start(eth) != 0) {
        uart_printf(board_uarts[0], "no device\r\n");
        uart_flush(board_uarts[0], FOREVER);
        arch_exit(1);
    }
    uart_printf(board_uarts[0], "ready, link %s\r\n", eth->link ? "up" : "down");
    while (!ended) {
        sleep_ms(5);
    }
    uart_printf(board_uarts[0], "%u received, %u sent, %u overruns, %u errors\r\n",
                (unsigned)eth->stats.received, (unsigned)eth->stats.sent,
                (unsigned)eth->stats.overruns, (unsigned)eth->stats.errors);
    uart_flush(board_uarts[0], FOREVER);
    arch_exit(0);
}

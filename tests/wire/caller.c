// SPDX-License-Identifier: MIT
//
// One of two boards on a wire: calls the echo of the other one (target.c, 10.9.0.2), sends it a stream,
// and says how much of it came back as it was.
#include "boards/board.h"
#include "io/printf.h"
#include "kernel/tasklet.h"
#include "net/net.h"
#include "net/sock.h"

enum { BYTES = 200000, BLOCK = 1000, LIMIT = 120000 }; // ms

static TASKLET_MEMORY(sender_memory, 1024);
static uint8_t out[BLOCK], in[BLOCK];

static uint8_t byte_at(uint32_t n)
{
    return (uint8_t)(n * 2654435761u >> 21 ^ n >> 13);
}

static void send_all(void *sock)
{
    for (uint32_t done = 0; done < BYTES; done += BLOCK) {
        for (uint32_t i = 0; i < BLOCK; i++) {
            out[i] = byte_at(done + i);
        }
        if (sock_send(sock, out, BLOCK, after_ms(LIMIT)) != BLOCK) {
            return;
        }
    }
    sock_shutdown(sock, SOCK_SEND);
}

int main(void)
{
    static const struct net_config config = {
        .address = { .family = NET_IPV4, .bytes = { 10, 9, 0, 3 } },
        .mask = { .family = NET_IPV4, .bytes = { 255, 255, 255, 0 } },
    };
    struct net_addr to = net_ipv4(10, 9, 0, 2, 8);
    uint32_t got = 0, wrong = 0;
    struct sock *s;
    int n = -1;

    net_start(&config);
    for (unsigned tries = 0; tries < 20 && n != 0; tries++) {
        n = sock_connect(&s, &to, after_ms(5000)); // the other one may not be there yet
    }
    if (n == 0) {
        tasklet_spawn("sender", send_all, s, sender_memory, sizeof sender_memory);
        while ((n = sock_recv(s, in, BLOCK, after_ms(LIMIT))) > 0) {
            for (int i = 0; i < n; i++, got++) {
                wrong += in[i] != byte_at(got);
            }
        }
    }
    uart_printf(board_uarts[0], "result: %u of %u bytes, %u wrong, end %d\r\n", (unsigned)got,
                (unsigned)BYTES, (unsigned)wrong, n);
    for (;;) {
        sleep_ms(1000);
    }
}

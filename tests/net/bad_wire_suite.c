// SPDX-License-Identifier: MIT
//
// Megabytes through an echo server over a wire that loses, doubles, reorders and spoils: they arrive
// byte for byte, whatever the seed; and the pools are as they were. STINT_SEEDS and STINT_BYTES in the
// environment make it longer or shorter.
#include <stdlib.h>

#include "tests/kernel/suite.h"
#include "tests/net/peer.h"

enum { BLOCK = 4096, PORT = 7 };

static struct sock *listener;
static uint32_t to_send;
static uint8_t sent[BLOCK], received[BLOCK], echoed[BLOCK];

static void echo(void *unused)
{
    struct sock *s;
    int n = -1;

    (void)unused;
    CHECK_IS(sock_accept(listener, &s, FOREVER), 0);
    while ((n = sock_recv(s, echoed, sizeof echoed, FOREVER)) > 0) {
        CHECK_IS(sock_send(s, echoed, (size_t)n, FOREVER), n);
    }
    CHECK_IS(n, 0);
    sock_close(s);
}

static void send_all(void *sock)
{
    uint32_t done = 0;

    while (done < to_send) {
        uint32_t part = to_send - done < BLOCK ? to_send - done : BLOCK;

        for (uint32_t i = 0; i < part; i++) {
            sent[i] = peer_byte(done + i);
        }
        CHECK_IS(sock_send(sock, sent, part, FOREVER), part);
        done += part;
    }
    CHECK_IS(sock_shutdown(sock, SOCK_SEND), 0);
}

static void through_echo(uint32_t bytes, const struct wire_faults *faults)
{
    struct net_addr to = peer_address(PORT);
    uint32_t got = 0, wrong = 0;
    struct sock *s;
    int n;

    to_send = bytes;
    wire_set(faults);
    struct tasklet *server = worker("echo", echo, NULL);

    CHECK_IS(sock_connect(&s, &to, FOREVER), 0);
    struct tasklet *sender = worker("sender", send_all, s);

    while ((n = sock_recv(s, received, sizeof received, FOREVER)) > 0) {
        for (int i = 0; i < n; i++) {
            wrong += received[i] != peer_byte(got);
            got++;
        }
    }
    CHECK_IS(n, 0);
    CHECK_IS(got, bytes);
    CHECK_IS(wrong, 0);
    worker_join(sender);
    sock_close(s);
    worker_join(server);
}

static uint32_t setting(const char *name, uint32_t usual)
{
    const char *text = getenv(name);

    return text != NULL ? (uint32_t)strtoul(text, NULL, 10) : usual;
}

static void for_seeds(uint32_t bytes, struct wire_faults faults)
{
    static const struct wire_faults clean = WIRE_CLEAN;
    uint32_t seeds = setting("STINT_SEEDS", 20);

    CHECK_IS(sock_listen(&listener, PORT), 0);
    peer_pools_note();
    for (faults.seed = 1; faults.seed <= seeds && suite_failures() == 0; faults.seed++) {
        through_echo(bytes, &faults);
        if (suite_failures() > 0) {
            note_number("seed", (int)faults.seed);
        }
    }
    wire_set(&clean);
    peer_pools_rest();
    sock_close(listener);
}

static void megabytes_with_3_percent_lost(void)
{
    for_seeds(setting("STINT_BYTES", 10000000),
              (struct wire_faults){ .loss = 3, .delay = 200, .hold = 1000 });
}

static void much_lost_doubled_reordered_spoilt(void)
{
    for_seeds(200000, (struct wire_faults){ .loss = 20,
                                            .dup = 10,
                                            .reorder = 10,
                                            .corrupt = 1,
                                            .delay = 200,
                                            .jitter = 300,
                                            .hold = 2000 });
}

static void link_comes_and_goes(void)
{
    for_seeds(100000, (struct wire_faults){ .delay = 200, .hold = 1000, .up = 3000, .down = 500 });
}

static void slow_and_narrow(void)
{
    for_seeds(100000, (struct wire_faults){
                          .loss = 1, .delay = 150000, .jitter = 50000, .hold = 1000, .rate = 256 });
}

int main(void)
{
    static const struct suite_case cases[] = {
        CASE(megabytes_with_3_percent_lost),
        CASE(much_lost_doubled_reordered_spoilt),
        CASE(link_comes_and_goes),
        CASE(slow_and_narrow),
    };

    peer_start();
    SUITE_RUN("bad_wire", cases);
}

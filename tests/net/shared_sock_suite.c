// SPDX-License-Identifier: MIT
//
// Sockets of tasklets that share a stack: callers and servers, all on one, each with its buffer there.
#include <errno.h>
#include <string.h>

#include "kernel/shared_stack.h"
#include "tests/kernel/suite.h"
#include "tests/net/peer.h"

enum { PAIRS = 4, PORT = 7, LENGTH = 4000, BUFFER = 300, STACK_DEPTH = 8192 };

static SAVE_AREA(saved, 16 * STACK_DEPTH);
static STACK(stack, STACK_DEPTH, &saved);
static struct shared_tasklet servers[PAIRS], callers[PAIRS];
static struct sock *listener;
static unsigned echoed;

static void serve(void *unused)
{
    uint8_t buf[BUFFER];
    struct sock *s;
    int n;

    (void)unused;
    CHECK_IS(sock_accept(listener, &s, after_ms(20000)), 0);
    while ((n = sock_recv(s, buf, sizeof buf, after_ms(20000))) > 0) {
        CHECK_IS(sock_send(s, buf, (size_t)n, after_ms(20000)), n);
    }
    CHECK_IS(n, 0);
    sock_close(s);
}

// What comes back is what was sent, through a buffer that others overwrite as long as it is not looked at.
static void call(void *number)
{
    uint32_t first = (uint32_t)NUMBER(number) * LENGTH;
    const struct net_addr there = peer_address(PORT);
    struct sock *s = NULL;

    CHECK_IS(sock_connect(&s, &there, after_ms(20000)), 0);
    for (uint32_t sent = 0; sent < LENGTH; sent += BUFFER / 2) {
        uint8_t buf[BUFFER / 2];
        size_t got = 0;
        int n = 1;

        for (uint32_t i = 0; i < sizeof buf; i++) {
            buf[i] = peer_byte(first + sent + i);
        }
        CHECK_IS(sock_send(s, buf, sizeof buf, after_ms(20000)), sizeof buf);
        memset(buf, 0, sizeof buf);
        while (got < sizeof buf && n > 0) {
            n = sock_recv(s, buf + got, sizeof buf - got, after_ms(20000));
            got += n > 0 ? (size_t)n : 0;
        }
        for (uint32_t i = 0; i < got; i++) {
            echoed += buf[i] == peer_byte(first + sent + i);
        }
    }
    sock_close(s);
}

static void converse(void)
{
    const unsigned rounds = (LENGTH + BUFFER / 2 - 1) / (BUFFER / 2);

    echoed = 0;
    CHECK_IS(sock_listen(&listener, PORT), 0);
    for (int i = 0; i < PAIRS; i++) {
        CHECK(tasklet_spawn_on(&stack, "server", serve, NULL, &servers[i]) != NULL);
        CHECK(tasklet_spawn_on(&stack, "caller", call, ARG(i), &callers[i]) != NULL);
    }
    for (int i = 0; i < PAIRS; i++) {
        CHECK_IS(tasklet_join(&callers[i].tasklet, FOREVER), 0);
        CHECK_IS(tasklet_join(&servers[i].tasklet, FOREVER), 0);
    }
    sock_close(listener);
    CHECK_IS(echoed, PAIRS * rounds * (BUFFER / 2));
    CHECK_IS(saved.spare, saved.count);
}

static void converse_swapped_always(void)
{
    stack_swap_always(&stack);
    converse();
    stack.swap_always = NULL;
}

int main(void)
{
    static const struct suite_case cases[] = {
        CASE(converse),
        CASE(converse_swapped_always),
    };

    peer_start();
    SUITE_RUN("shared_sock", cases);
}

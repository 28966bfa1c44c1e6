// SPDX-License-Identifier: MIT
//
// Hours of opening and closing, in virtual time: callers that end their connections in every way there
// is, on a wire that is not quite clean. At the end every pool is as it was at the start. STINT_MINUTES
// in the environment says how long.
#include <stdlib.h>

#include "boards/board.h"
#include "io/printf.h"
#include "kernel/tasklet_pool.h"
#include "tests/kernel/suite.h"
#include "tests/net/peer.h"

enum { CALLERS = 6, SERVERS = 24, PORT = 7, CLOSED_PORT = 9, LENGTH = 3000, PAUSE = 40 };

static TASKLET_POOL(servers, SERVERS, 1024);
static struct sock *listener;
static deadline_t end;
static uint32_t opened, refused, failed;
static uint8_t data[LENGTH];

static void serve(void *sock)
{
    uint8_t buf[512];
    int n = 0;

    while (suite_random(50) != 0 && (n = sock_recv(sock, buf, sizeof buf, after_ms(20000))) > 0) {
        if (sock_send(sock, buf, (size_t)n, after_ms(20000)) != n) {
            break;
        }
    }
    if (suite_random(20) == 0) {
        sock_abort(sock);
    } else {
        sock_close(sock);
    }
}

static void accept_all(void *unused)
{
    struct sock *s;

    (void)unused;
    while (sock_accept(listener, &s, FOREVER) == 0) {
        if (tasklet_pool_spawn(&servers, "server", serve, s, FOREVER) != 0) {
            sock_close(s);
        }
    }
}

static void converse(struct sock *s)
{
    uint8_t buf[600];
    size_t n = 1 + suite_random(LENGTH), got = 0;
    int part = 1;

    if (sock_send(s, data, n, after_ms(20000)) != (int)n) {
        return;
    }
    sock_shutdown(s, SOCK_SEND);
    while (got < n && part > 0) {
        part = sock_recv(s, buf, sizeof buf, after_ms(20000));
        got += part > 0 ? (size_t)part : 0;
    }
}

static void call_once(void)
{
    struct net_addr to = peer_address(suite_random(30) == 0 ? CLOSED_PORT : PORT);
    struct sock *s;
    int result = sock_connect(&s, &to, after_ms(suite_random(10) == 0 ? 1 : 30000));

    if (result != 0) {
        refused += result == -111;
        failed++;
        return;
    }
    opened++;
    switch (suite_random(8)) {
    case 0:
        sock_abort(s);
        return;
    case 1: // not a word
        break;
    case 2:
        sock_send(s, data, LENGTH, NOWAIT);
        break;
    default:
        converse(s);
        break;
    }
    sock_close(s);
}

static void call(void *unused)
{
    (void)unused;
    while (time_now() < end.ticks) {
        call_once();
        sleep_ms(suite_random(PAUSE));
    }
}

static void nothing_drifts(void)
{
    const char *minutes = getenv("STINT_MINUTES");
    static const struct wire_faults clean = WIRE_CLEAN;
    struct wire_faults rough = { .loss = 1, .dup = 1, .reorder = 1, .delay = 100, .hold = 2000 };
    struct tasklet *callers[CALLERS], *acceptor;
    char name[CALLERS][8];

    CHECK_IS(sock_listen_on(&listener, &(struct net_addr){ .port = PORT }, SERVERS), 0);
    peer_pools_note();
    wire_set(&rough);
    end = after_ms((minutes != NULL ? (uint32_t)strtoul(minutes, NULL, 10) : 2) * 60000);
    static TASKLET_MEMORY(memory, 4096);

    acceptor = tasklet_spawn("acceptor", accept_all, NULL, memory, sizeof memory);
    for (int i = 0; i < CALLERS; i++) {
        io_snprintf(name[i], sizeof name[i], "call%d", i);
        callers[i] = worker(name[i], call, NULL);
    }
    while (time_now() < end.ticks) { // longer than a worker may be waited for
        sleep_until(end);
    }
    for (int i = 0; i < CALLERS; i++) {
        while (tasklet_join(callers[i], after_ms(120000)) == -110) {
        }
    }
    tasklet_cancel(acceptor);
    CHECK_IS(tasklet_join(acceptor, after_ms(60000)), 0);
    CHECK_IS(tasklet_pool_end(&servers, after_ms(60000)), 0);
    wire_set(&clean);
    peer_pools_rest();
    sock_close(listener);
    CHECK(opened > 100 && failed < opened);
    note_number("opened", (int)opened);
    note_number("failed", (int)failed);
    if (minutes != NULL) {
        uart_printf(board_uarts[0], "%u connections, %u calls failed\r\n", (unsigned)opened,
                    (unsigned)failed);
    }
}

int main(void)
{
    static const struct suite_case cases[] = { CASE(nothing_drifts) };

    suite_seed(7);
    peer_start();
    SUITE_RUN("soak", cases);
}

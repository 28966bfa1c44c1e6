// SPDX-License-Identifier: MIT
//
// The disk server: in which order it works, what it answers, and what is left of clients that have given up.
#include "apps/disk/server.h"

#include <errno.h>
#include <string.h>

#include "tests/block/hand.h"
#include "tests/kernel/suite.h"

enum { CLIENTS = 5 };

static struct client {
    const char *name;
    struct disk_message message;
    deadline_t limit;
} clients[CLIENTS];
static struct tasklet *server;

static void serve(void *unused)
{
    (void)unused;
    tasklet_exit(disk_serve(&hand.device));
}

static void begin(unsigned depth)
{
    static const char *const names[CLIENTS] = { "A", "B", "C", "D", "E" };

    hand_begin(depth);
    service_init(&disk, "disk", sizeof(struct disk_message), sizeof(struct disk_message));
    disk_stats = (struct disk_stats){ 0 };
    for (unsigned i = 0; i < CLIENTS; i++) {
        clients[i] = (struct client){ .name = names[i], .limit = FOREVER };
    }
    server = worker("S", serve, NULL);
    tasklet_yield();
}

static void end(void)
{
    CHECK_IS(service_close(&disk), 0);
    CHECK_IS(worker_join(server), 0);
    CHECK_IS(hand.count, 0);
}

static void call(void *client)
{
    struct client *c = client;
    int result = service_call(&disk, &c->message, &c->message, c->limit);

    note(c->name);
    note(result == 0            ? "ok"
         : result == -EINVAL    ? "invalid"
         : result == -EROFS     ? "readonly"
         : result == -EIO       ? "io"
         : result == -EPIPE     ? "closed"
         : result == -ETIMEDOUT ? "late"
         : result == -ECANCELED ? "cancelled"
                                : "?");
}

static struct tasklet *ask(unsigned i, uint8_t op, uint64_t sector)
{
    clients[i].message.op = op;
    clients[i].message.sector = sector;
    struct tasklet *t = worker(clients[i].name, call, &clients[i]);

    tasklet_yield();
    tasklet_yield(); // the server has received it
    return t;
}

static void there_and_back(void)
{
    begin(4);
    memset(clients[0].message.data, 77, DISK_SECTOR);
    ask(0, BLOCK_WRITE, 5);
    hand_end(0, 0);
    ask(1, BLOCK_READ, 5);
    hand_end(0, 0);
    ask(2, BLOCK_FLUSH, 0);
    hand_end(0, 0);
    CHECK_TRACE("w5 A ok r5 B ok f C ok");
    CHECK_IS(clients[1].message.data[0], 77);
    CHECK_IS(clients[1].message.data[DISK_SECTOR - 1], 77);
    CHECK_IS(disk_stats.answered, 3);
    CHECK_IS(disk_stats.out_of_order, 0);
    end();
}

static void several_in_any_order(void)
{
    begin(HAND_DEPTH);
    for (unsigned i = 0; i < CLIENTS; i++) {
        hand.medium[10 + i] = (uint8_t)(100 + i);
        ask(i, BLOCK_READ, 10 + i);
    }
    CHECK_TRACE("r10 r11 r12 r13"); // DISK_AT_ONCE
    hand_end(2, 0);
    hand_end(1, 0);
    hand_end(0, 0);
    hand_end_all();
    CHECK_TRACE("r14 C ok B ok A ok D ok E ok");
    CHECK_IS(disk_stats.answered, CLIENTS);
    CHECK_IS(disk_stats.out_of_order, 2);
    for (unsigned i = 0; i < CLIENTS; i++) {
        CHECK_IS(clients[i].message.data[0], 100 + i);
    }
    end();
}

// A sweep goes one way, the next the other; who comes during a sweep waits for the next.
static void elevator(void)
{
    begin(1);
    struct tasklet *first = ask(0, BLOCK_READ, 30);

    ask(1, BLOCK_READ, 50);
    ask(2, BLOCK_READ, 10);
    ask(3, BLOCK_READ, 40);
    hand_end(0, 0);
    worker_join(first);
    CHECK_TRACE("r30 r10 A ok");
    ask(0, BLOCK_READ, 45); // on the way, but too late for it
    ask(4, BLOCK_READ, 60);
    hand_end_all();
    CHECK_TRACE("r40 C ok r50 D ok r60 B ok r45 E ok A ok");
    end();
}

static void one_sector_in_order(void)
{
    begin(HAND_DEPTH);
    ask(0, BLOCK_WRITE, 5);
    ask(1, BLOCK_WRITE, 6);
    ask(2, BLOCK_WRITE, 5);
    ask(3, BLOCK_READ, 5);
    ask(4, BLOCK_FLUSH, 0);
    CHECK_TRACE("w5 w6");
    hand_end(1, 0);
    hand_end(0, 0);
    CHECK_TRACE("B ok w5 A ok");
    hand_end(0, 0);
    hand_end_all();
    CHECK_TRACE("f r5 C ok E ok D ok");
    end();
}

static void refused(void)
{
    begin(4);
    ask(0, BLOCK_FLUSH + 1, 5);
    ask(1, BLOCK_READ, HAND_SECTORS);
    ask(2, BLOCK_WRITE, UINT64_MAX);
    hand.device.read_only = true;
    ask(3, BLOCK_WRITE, 5);
    ask(4, BLOCK_READ, 5);
    hand_end(0, -EIO);
    CHECK_TRACE("A invalid B invalid C invalid D readonly r5 E io");
    CHECK_IS(disk_stats.refused, 5);
    end();
}

// Given up while the device had it: it is done all the same, and before what comes after it on the sector.
static void late_in_the_device(void)
{
    begin(4);
    clients[0].limit = suite_soon();
    clients[0].message.data[0] = 1;
    worker_join(ask(0, BLOCK_WRITE, 5));
    clients[0].message.data[0] = 99; // the client's own again
    clients[1].message.data[0] = 2;
    ask(1, BLOCK_WRITE, 5);
    CHECK_TRACE("w5 A late");
    hand_end(0, 0);
    CHECK_IS(hand.medium[5], 1);
    hand_end(0, 0);
    CHECK_IS(hand.medium[5], 2);
    CHECK_TRACE("w5 B ok");
    CHECK_IS(disk_stats.given_up, 1);
    CHECK_IS(disk_stats.dropped, 0);
    end();
}

// Given up before it began: it never does.
static void cancelled_in_line(void)
{
    begin(1);
    ask(0, BLOCK_READ, 5);
    struct tasklet *t = ask(1, BLOCK_WRITE, 6);

    CHECK_IS(tasklet_cancel(t), 0);
    worker_join(t);
    ask(2, BLOCK_READ, 7);
    hand_end_all();
    CHECK_TRACE("r5 B cancelled r7 A ok C ok");
    CHECK_IS(disk_stats.given_up, 1);
    CHECK_IS(disk_stats.dropped, 1);
    end();
}

// All slots are taken by calls that nobody wants any more; callers stand in line until there is one.
static void full(void)
{
    begin(1);
    for (unsigned i = 0; i < DISK_SLOTS + 1; i++) {
        clients[0].limit = after_us(200);
        worker_join(ask(0, BLOCK_WRITE, i));
    }
    CHECK_IS(hand.count, 1);
    ask(1, BLOCK_READ, 20);
    CHECK(!waitq_empty(&disk.callers));
    hand_end_all();
    CHECK_TRACE("w0 A late A late A late A late A late A late A late A late A late r20 B ok");
    CHECK_IS(disk_stats.given_up, DISK_SLOTS);
    CHECK_IS(disk_stats.dropped, DISK_SLOTS - 1);
    end();
}

// The server does not leave slots on which the device still works.
static void closed(void)
{
    begin(1);
    ask(0, BLOCK_READ, 5);
    ask(1, BLOCK_READ, 6);
    CHECK_IS(service_close(&disk), 0);
    tasklet_yield();
    tasklet_yield();
    CHECK_TRACE("r5 A closed B closed");
    CHECK_IS(tasklet_join(server, NOWAIT), -EAGAIN);
    hand_end(0, 0);
    CHECK_IS(worker_join(server), 0);
    CHECK_TRACE("");
}

static void server_cancelled(void)
{
    begin(1);
    ask(0, BLOCK_READ, 5);
    ask(1, BLOCK_READ, 6);
    CHECK_IS(tasklet_cancel(server), 0);
    tasklet_yield();
    tasklet_yield();
    CHECK_TRACE("r5 A closed B closed");
    CHECK_IS(tasklet_join(server, NOWAIT), -EAGAIN);
    hand_end(0, 0);
    CHECK_IS(worker_join(server), 0);
}

int main(void)
{
    static const struct suite_case cases[] = {
        CASE(there_and_back),
        CASE(several_in_any_order),
        CASE(elevator),
        CASE(one_sector_in_order),
        CASE(refused),
        CASE(late_in_the_device),
        CASE(cancelled_in_line),
        CASE(full),
        CASE(closed),
        CASE(server_cancelled),
    };

    SUITE_RUN("disk", cases);
}

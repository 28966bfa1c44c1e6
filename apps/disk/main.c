// SPDX-License-Identifier: MIT
//
// A disk server at work: clients write patterns through it, all at once, read them back and compare; one asks
// for what does not exist; one is too hasty to wait for its answers. The server is in server.c.
#include <stddef.h>
#include <string.h>

#include "apps/disk/device.h"
#include "apps/disk/server.h"
#include "boards/board.h"
#include "io/printf.h"
#include "kernel/tasklet.h"

enum { CLIENTS = 6, ROUNDS = 6, HASTY_CALLS = 4, LIMIT_MS = 10000 };

// Client i has every CLIENTS-th sector, and visits its own up and down: together they jump about.
struct client {
    struct tasklet *tasklet;
    const char *wrong;           // what went wrong; NULL: nothing
    struct disk_message message; // too large for a small stack
    TASKLET_MEMORY(memory, STACK_OF(client));
};
static struct client clients[CLIENTS];
static struct disk_message message; // main()'s own
static TASKLET_MEMORY(server_memory, STACK_OF(serve));

static struct uart *console(void)
{
    return board_uarts[0];
}

static void fill(uint8_t *data, uint64_t sector, unsigned seed)
{
    for (unsigned i = 0; i < DISK_SECTOR; i++) {
        data[i] = (uint8_t)(sector * 7 + seed + i * (i >> 8 | 1));
    }
}

static bool is_filled(const uint8_t *data, uint64_t sector, unsigned seed)
{
    for (unsigned i = 0; i < DISK_SECTOR; i++) {
        if (data[i] != (uint8_t)(sector * 7 + seed + i * (i >> 8 | 1))) {
            return false;
        }
    }
    return true;
}

static int ask(struct disk_message *m, enum block_op op, uint64_t sector, deadline_t d)
{
    m->op = (uint8_t)op;
    m->sector = sector;
    return service_call(&disk, m, m, d);
}

static uint64_t sector_of(const struct client *c, unsigned round)
{
    uint64_t mine = disk_device->sectors / CLIENTS, way = (round * 5 + 3) % ROUNDS;

    return way * (mine / ROUNDS) * CLIENTS + (uint64_t)(c - clients);
}

// One sector, there and back. What went wrong, or NULL.
static const char *write_and_read(struct disk_message *m, uint64_t sector)
{
    fill(m->data, sector, 0);
    if (ask(m, BLOCK_WRITE, sector, after_ms(LIMIT_MS)) != 0) {
        return "a write failed";
    }
    memset(m->data, 0, DISK_SECTOR);
    if (ask(m, BLOCK_READ, sector, after_ms(LIMIT_MS)) != 0) {
        return "a read failed";
    }
    return is_filled(m->data, sector, 0) ? NULL : "what was read is not what was written";
}

static void client(void *arg)
{
    struct client *c = arg;

    for (unsigned round = 0; round < ROUNDS && c->wrong == NULL; round++) {
        c->wrong = write_and_read(&c->message, sector_of(c, round));
    }
}

// Writes something new with a limit that it will hardly meet. Afterwards each sector is the old or the new
// one, never a mixture. Returns how many calls it gave up, or -1.
static int be_hasty(void)
{
    int given_up = 0;

    for (unsigned i = 0; i < HASTY_CALLS; i++) {
        uint64_t sector = sector_of(clients, i);

        fill(message.data, sector, 1);
        given_up += ask(&message, BLOCK_WRITE, sector, after_us(20u << 2 * i)) != 0;
        if (ask(&message, BLOCK_READ, sector, after_ms(LIMIT_MS)) != 0 ||
            is_filled(message.data, sector, 0) == is_filled(message.data, sector, 1)) {
            return -1;
        }
    }
    return given_up;
}

static void serve(void *unused)
{
    (void)unused;
    tasklet_exit(disk_serve(disk_device));
}

// All at once. Returns how many failed.
static int run_clients(void)
{
    int failed = 0;

    for (struct client *c = clients; c < clients + CLIENTS; c++) {
        c->tasklet = tasklet_spawn("client", client, c, c->memory, sizeof c->memory);
    }
    for (struct client *c = clients; c < clients + CLIENTS; c++) {
        tasklet_join(c->tasklet, FOREVER);
        uart_printf(console(), "client %d: %s\r\n", (int)(c - clients + 1),
                    c->wrong != NULL ? c->wrong : "wrote, read back, all as it was");
        failed += c->wrong != NULL;
    }
    return failed;
}

static void report(void)
{
    const struct disk_stats *s = &disk_stats;

    uart_printf(
        console(),
        "server: %u calls answered, %u of them before an earlier one; at most %u at once in "
        "the device;\r\n        %u refused; %u given up, %u of these before they began\r\n",
        (unsigned)s->answered, (unsigned)s->out_of_order, disk_device->most, (unsigned)s->refused,
        (unsigned)s->given_up, (unsigned)s->dropped);
}

int main(void)
{
    int error = block_start(disk_device), failed, given_up;

    if (error != 0) {
        uart_printf(console(), "%s: there is no such disk (error %d)\r\n", disk_device->name,
                    -error);
        return 1;
    }
    uart_printf(console(), "%s: %llu sectors of %u bytes%s\r\n", disk_device->name,
                (unsigned long long)disk_device->sectors, disk_device->sector_size,
                disk_device->read_only ? ", read only" : "");
    struct tasklet *server =
        tasklet_spawn("disk", serve, NULL, server_memory, sizeof server_memory);

    failed = run_clients();
    error = ask(&message, BLOCK_READ, disk_device->sectors, after_ms(LIMIT_MS));
    uart_printf(console(), "the sector behind the last: error %d\r\n", -error);
    given_up = failed == 0 ? be_hasty() : 0;
    uart_printf(console(),
                given_up < 0 ? "a hasty write left half a sector\r\n"
                             : "hasty writes: %d of %d given up, none half done\r\n",
                given_up, HASTY_CALLS);
    error = ask(&message, BLOCK_FLUSH, 0, after_ms(LIMIT_MS));
    uart_printf(console(), error == 0 ? "flushed\r\n" : "the flush failed: error %d\r\n", -error);
    service_close(&disk);
    tasklet_join(server, FOREVER);
    report();
    return failed != 0 || given_up < 0 || error != 0;
}

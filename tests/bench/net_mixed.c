// SPDX-License-Identifier: MIT
//
// A server that computes: what a connection receives is hashed, and at its end the hash is sent back. A
// tasklet per connection, written as if it were alone: nothing in it gives the processor away but
// sock_recv(), as that does for every caller. The benchmark sees from it what is spent besides the hashing,
// and whether connections that all send at once are served alike.
#include "io/printf.h"
#include "kernel/tasklet_pool.h"
#include "net/sock.h"
#include "tests/bench/hash.h"
#include "tests/bench/net_bench.h"

enum {
    CONNECTIONS = 32,
    PORT_SHA256 = 30, // answers 32 bytes
    PORT_CRC32 = 31,  // 4 bytes, the lowest first
    PORT_RACE = 98,   // UDP: see race_status()
};

static TASKLET_POOL(workers, CONNECTIONS, 1024);
static TASKLET_POOL(doors, 2, 1024);
static TASKLET_MEMORY(race_memory, 1536);

// All connections begin to read at once, their windows full. When the first one has `goal` bytes, the least
// and the most of all are noted.
static struct {
    unsigned number;
    struct waitq start;
    uint32_t goal; // 0: none, or over
    uint32_t least, most;
    bool taken[CONNECTIONS];
    uint32_t served[CONNECTIONS];
} race;

static unsigned enter_race(void)
{
    unsigned place = 0, number = race.number;

    while (race.taken[place]) { // there is one: as many as workers
        place++;
    }
    race.taken[place] = true;
    race.served[place] = 0;
    while (race.number == number) {
        wait_on(&race.start, "race", FOREVER);
    }
    return place;
}

static void note_served(unsigned place, uint32_t n)
{
    race.served[place] += n;
    if (race.goal == 0 || race.served[place] < race.goal) {
        return;
    }
    race.goal = 0;
    race.least = UINT32_MAX;
    race.most = 0;
    for (unsigned i = 0; i < CONNECTIONS; i++) {
        if (race.taken[i]) {
            race.least = race.served[i] < race.least ? race.served[i] : race.least;
            race.most = race.served[i] > race.most ? race.served[i] : race.most;
        }
    }
}

static void serve_sha256(void *s)
{
    static uint8_t buffers[CONNECTIONS][BLOCK];
    unsigned place = enter_race();
    struct sha256 hash;
    uint8_t digest[32];
    int n;

    sha256_begin(&hash);
    while ((n = sock_recv(s, buffers[place], BLOCK, after_ms(60000))) > 0) {
        sha256_add(&hash, buffers[place], (size_t)n);
        note_served(place, (uint32_t)n);
    }
    sha256_end(&hash, digest);
    sock_send(s, digest, sizeof digest, after_ms(10000));
    sock_close(s);
    race.taken[place] = false;
}

static void serve_crc32(void *s)
{
    static uint8_t buffers[CONNECTIONS][BLOCK];
    unsigned place = enter_race();
    uint32_t crc = 0;
    int n;

    while ((n = sock_recv(s, buffers[place], BLOCK, after_ms(60000))) > 0) {
        crc = crc32(crc, buffers[place], (size_t)n);
        note_served(place, (uint32_t)n);
    }
    sock_send(s, &crc, sizeof crc, after_ms(10000));
    sock_close(s);
    race.taken[place] = false;
}

static const struct door {
    uint16_t port;
    void (*serve)(void *s);
} all_doors[] = { { PORT_SHA256, serve_sha256 }, { PORT_CRC32, serve_crc32 } };

static void open_door(void *arg)
{
    const struct door *door = arg;
    struct sock *listener, *s;

    if (sock_listen_on(&listener, &(struct net_addr){ .port = door->port }, CONNECTIONS) != 0) {
        return;
    }
    while (sock_accept(listener, &s, FOREVER) == 0) {
        tasklet_pool_spawn(&workers, "worker", door->serve, s, FOREVER);
    }
}

// A datagram of four bytes, a goal with the lowest first, begins a race of the connections there are; the
// answer to each is text: how many there are, the least and the most.
static void race_status(void *unused)
{
    struct net_addr from;
    struct sock *s;
    char text[60];
    uint32_t goal;

    (void)unused;
    sock_udp(&s, &(struct net_addr){ .port = PORT_RACE });
    for (;;) {
        if (sock_recv_from(s, &goal, sizeof goal, &from, FOREVER) == sizeof goal) {
            race.number++;
            race.goal = goal;
            race.least = race.most = 0;
            waitq_wake_all(&race.start);
        }

        int n = io_snprintf(text, sizeof text, "%u %u %u", tasklet_pool_busy(&workers),
                            (unsigned)race.least, (unsigned)race.most);

        sock_send_to(s, text, (size_t)n, &from, NOWAIT);
    }
}

int main(void)
{
    struct net_addr from;
    struct sock *s;
    char byte;

    waitq_init(&race.start, "race");
    net_start(&bench_config);
    for (size_t i = 0; i < sizeof all_doors / sizeof all_doors[0]; i++) {
        tasklet_pool_spawn(&doors, "door", open_door, (void *)(uintptr_t)&all_doors[i], NOWAIT);
    }
    tasklet_spawn("race", race_status, NULL, race_memory, sizeof race_memory);
    sock_udp(&s, &(struct net_addr){ .port = PORT_MARK });
    while (sock_recv_from(s, &byte, 1, &from, FOREVER) >= 0) {
        mark();
        sock_send_to(s, &byte, 1, &from, FOREVER);
    }
    return 0;
}

// SPDX-License-Identifier: MIT
//
// The board's disk, by commands on the console: a test says what to do and compares the bytes of the
// emulator's file. Each command is answered with a line.
//
//     info                       SECTORS SIZE DEPTH rw|ro
//     read SECTOR COUNT          moved N hash H, as in hash_of() of tests/test_block.py; or an error's name
//     write SECTOR COUNT SEED    moved N: the byte at i of the whole is i * 7 + i / 512 + SEED
//     flush                      ok
//     burst SECTOR               as many writes of a sector as the device takes, at once, each with its own
//                                number in all bytes: moved N most M
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "boards/board.h"
#include "drivers/block/block.h"
#include "io/block.h"
#include "io/printf.h"
#include "kernel/semaphore.h"
#include "kernel/tasklet.h"

enum { SECTOR = 512, MOST = 64, BURST = 8, LIMIT_MS = 20000 };

static uint8_t buffer[MOST * SECTOR];

#define SAY(...) uart_printf(board_uarts[0], __VA_ARGS__)

static const char *name_of(int error)
{
    return error == -EIO         ? "EIO"
           : error == -EINVAL    ? "EINVAL"
           : error == -EROFS     ? "EROFS"
           : error == -ENODEV    ? "ENODEV"
           : error == -ETIMEDOUT ? "ETIMEDOUT"
                                 : "another error";
}

static void info(void)
{
    SAY("%u %u %u %s\r\n", (unsigned)board_block.sectors, board_block.sector_size,
        board_block.depth, board_block.read_only ? "ro" : "rw");
}

static void read_some(uint64_t sector, size_t count)
{
    uint32_t hash = 0;
    int moved = block_read(&board_block, sector, buffer, count, after_ms(LIMIT_MS));

    if (moved < 0) {
        SAY("%s\r\n", name_of(moved));
        return;
    }
    for (size_t i = 0; i < (size_t)moved * SECTOR; i++) {
        hash = hash * 31 + buffer[i];
    }
    SAY("moved %d hash %u\r\n", moved, (unsigned)hash);
}

static void write_some(uint64_t sector, size_t count, unsigned seed)
{
    for (size_t i = 0; i < count * SECTOR; i++) {
        buffer[i] = (uint8_t)(i * 7 + i / SECTOR + seed);
    }
    int moved = block_write(&board_block, sector, buffer, count, after_ms(LIMIT_MS));

    if (moved < 0) {
        SAY("%s\r\n", name_of(moved));
    } else {
        SAY("moved %d\r\n", moved);
    }
}

static void flush(void)
{
    int error = block_flush(&board_block, after_ms(LIMIT_MS));

    SAY("%s\r\n", error == 0 ? "ok" : name_of(error));
}

static struct semaphore ended = SEMAPHORE_INIT(ended, "burst", 0);
static int failed;

static void on_end(struct block_request *r, int result)
{
    (void)r;
    failed += result != 0;
    semaphore_give(&ended);
}

static void burst(uint64_t sector)
{
    static struct block_request requests[BURST];
    int n = 0;

    failed = 0;
    while (n < BURST) {
        memset(buffer + n * SECTOR, n + 1, SECTOR);
        requests[n] = (struct block_request){ .op = BLOCK_WRITE,
                                              .sector = sector + (unsigned)n,
                                              .count = 1,
                                              .buffer = buffer + n * SECTOR,
                                              .done = on_end };
        if (block_submit(&board_block, &requests[n]) != 0) {
            break;
        }
        n++;
    }
    for (int i = 0; i < n; i++) {
        if (semaphore_take(&ended, after_ms(LIMIT_MS)) != 0) {
            SAY("ETIMEDOUT\r\n");
            return;
        }
    }
    SAY("moved %d most %u\r\n", n - failed, board_block.most);
}

static unsigned number(char **at)
{
    return (unsigned)strtoul(*at, at, 10);
}

static void obey(char *line)
{
    char *at = strchr(line, ' ');

    if (at == NULL) {
        at = line + strlen(line);
    }
    unsigned first = number(&at), second = number(&at), third = number(&at);

    if (strncmp(line, "info", 4) == 0) {
        info();
    } else if (strncmp(line, "read", 4) == 0 && second <= MOST) {
        read_some(first, second);
    } else if (strncmp(line, "write", 5) == 0 && second <= MOST) {
        write_some(first, second, third);
    } else if (strncmp(line, "flush", 5) == 0) {
        flush();
    } else if (strncmp(line, "burst", 5) == 0) {
        burst(first);
    } else {
        SAY("what?\r\n");
    }
}

int main(void)
{
    const struct stream console = uart_stream(board_uarts[0]);
    char line[80];
    int error = block_start(&board_block);

    SAY("drive %s\r\n", error == 0 ? "ready" : name_of(error));
    while (error == 0 && io_read_line(&console, line, sizeof line, FOREVER) >= 0) {
        obey(line);
    }
    return 0;
}

// SPDX-License-Identifier: MIT
//
// Fetches pages, and says how long each step took: of the address that was given when it was built
// (make APP=client URL=http://...), then of those that are typed on the console.
#include "apps/shell/fetch.h"
#include "apps/shell/line.h"
#include "boards/board.h"
#include "io/printf.h"
#include "net/net.h"

#ifndef CLIENT_URL
#define CLIENT_URL ""
#endif
enum { LIMIT_MS = 60000 };

static int put(void *console, const char *data, size_t n)
{
    return io_write(console, data, n, FOREVER);
}

static void fetch_one(struct stream *console, const char *url)
{
    struct fetch_times t;
    int result = fetch(url, put, console, &t, after_ms(LIMIT_MS));

    io_printf(console,
              "\r\nname %u us, connected %u us, first byte %u us, all %u us: ", (unsigned)t.lookup,
              (unsigned)t.connect, (unsigned)t.first, (unsigned)t.total);
    io_printf(console, result < 0 ? "error %d\r\n" : "%d bytes\r\n", result < 0 ? -result : result);
}

int main(void)
{
    struct stream console = uart_stream(board_uarts[0]);
    static struct line line;
    int result = net_start(NULL);

    if (result != 0 || (result = net_wait(after_ms(30000))) != 0) {
        io_printf(&console, "no network: error %d\r\n", -result);
        return 1;
    }
    if (*CLIENT_URL != '\0') {
        fetch_one(&console, CLIENT_URL);
    }
    while ((result = line_read(&line, &console, "http://")) >= 0) {
        if (result > 0) {
            fetch_one(&console, line.text);
        }
    }
    return 0;
}

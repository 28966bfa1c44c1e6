// SPDX-License-Identifier: MIT
#include "drivers/uart/host.h"

#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "drivers/clock/host.h"

static struct termios before;
static bool at_end;
static struct uart *port;

static void restore(void)
{
    tcsetattr(STDIN_FILENO, TCSANOW, &before);
}

static bool input_ready(void)
{
    struct pollfd p = { .fd = STDIN_FILENO, .events = POLLIN };

    return !at_end && poll(&p, 1, 0) > 0;
}

// Ctrl-A X ends the process, as it does in QEMU.
static void receive(struct uart *u, uint8_t byte)
{
    static bool escape;

    if (escape && (byte == 'x' || byte == 'X')) {
        exit(0);
    }
    bool was_escape = escape;

    escape = isatty(STDIN_FILENO) && byte == 1 && !escape;
    if (!escape || was_escape) {
        uart_received(u, byte);
    }
}

static void service(struct uart *u)
{
    uint8_t bytes[64];
    size_t room = ring_free(&u->rx);

    if (room > 0 && input_ready()) {
        ssize_t n = read(STDIN_FILENO, bytes, room < sizeof bytes ? room : sizeof bytes);

        for (ssize_t i = 0; i < n; i++) {
            receive(u, bytes[i]);
        }
        if (n == 0) {
            at_end = true; // no more input, but the program goes on
            host_unwatch(STDIN_FILENO);
        }
    }
    while (uart_has_output(u)) {
        uint8_t byte = uart_take_output(u);

        if (write(STDOUT_FILENO, &byte, 1) < 0) {
            exit(1);
        }
    }
}

static void interrupt(void)
{
    service(port);
    uart_kick(port);
}

static bool can_send(const struct uart *u)
{
    (void)u;
    return true;
}

static void send(struct uart *u, uint8_t byte)
{
    (void)u;
    if (write(STDOUT_FILENO, &byte, 1) < 0) {
        exit(1);
    }
}

static void start(struct uart *u)
{
    service(u);
    uart_kick(u);
}

static int init(struct uart *u)
{
    struct termios raw;

    port = u;
    if (tcgetattr(STDIN_FILENO, &before) == 0) {
        raw = before;
        raw.c_lflag &= (tcflag_t) ~(ICANON | ECHO | ISIG);
        raw.c_iflag &= (tcflag_t) ~(ICRNL | IXON); // Ctrl-S is a byte like others
        tcsetattr(STDIN_FILENO, TCSANOW, &raw);
        atexit(restore);
    }
    host_watch(STDIN_FILENO, interrupt);
    return 0;
}

const struct uart_driver uart_host = {
    .init = init,
    .start = start,
    .service = service,
    .can_send = can_send,
    .send = send,
};

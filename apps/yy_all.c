// temporary test of boards; not part of the tree
#include "boards/board.h"
#include "io/printf.h"
#include "io/uart.h"
#include "kernel/panic.h"
#include "kernel/tasklet.h"

static TASKLET_MEMORY(memory, 512);
static volatile int sink;

__attribute__((noinline)) static int forever(int n)
{
    volatile char pad[24];

    pad[0] = (char)n;
    sink = n;
    sleep_ms(1);
    int r = forever(n + 1) + pad[0];
    sink = r;
    return r;
}

static void recurse(void *arg)
{
    (void)arg;
    sink = forever(0);
}

__attribute__((noinline)) static int plain(int n)
{
    volatile char pad[24];

    pad[0] = (char)n;
    int r = plain(n + 1) + pad[0];
    sink = r;
    return r;
}

static void recurse_plain(void *arg)
{
    (void)arg;
    sink = plain(0);
}

static void echo(struct uart *u)
{
    char buf[32];
    unsigned total = 0;

    while (total < 2000) {
        int n = uart_read(u, buf, sizeof buf, FOREVER);
        if (n < 0) {
            uart_printf(u, "read %d\r\n", n);
            return;
        }
        uart_write(u, buf, (size_t)n, FOREVER);
        total += (unsigned)n;
    }
    uart_printf(
        u,
        "\r\nreceived %lu sent %lu overruns %lu dropped %lu framing %lu parity %lu breaks %lu\r\n",
        (unsigned long)u->stats.received, (unsigned long)u->stats.sent,
        (unsigned long)u->stats.overruns, (unsigned long)u->stats.dropped,
        (unsigned long)u->stats.framing, (unsigned long)u->stats.parity,
        (unsigned long)u->stats.breaks);
}

int main(void)
{
    struct uart *u = board_uarts[0];
    char c;

    uart_printf(u, "ready %s\r\n", board_name);
    while (uart_read(u, &c, 1, FOREVER) == 1) {
        uint64_t before = time_us();
        switch (c) {
        case 'e':
            uart_printf(u, "echo\r\n");
            echo(u);
            break;
        case 's':
            for (int i = 0; i < 1000; i++) {
                sleep_ms(1);
            }
            uart_printf(u, "slept %lu us\r\n", (unsigned long)(time_us() - before));
            break;
        case 'u':
            for (int i = 0; i < 1000; i++) {
                sleep_until(after_us(100));
            }
            uart_printf(u, "slept %lu us of 100000\r\n", (unsigned long)(time_us() - before));
            break;
        case 'x': // deadlines a tick or so ahead: an alarm missed hangs for half a wrap
            for (unsigned i = 0; i < 20000; i++) {
                sleep_until(after_ticks(i % 50));
            }
            uart_printf(u, "20000 short sleeps %lu us\r\n", (unsigned long)(time_us() - before));
            break;
        case 'r':
            tasklet_join(tasklet_spawn("deep", recurse, NULL, memory, sizeof memory), FOREVER);
            break;
        case 'R':
            tasklet_join(tasklet_spawn("deep", recurse_plain, NULL, memory, sizeof memory),
                         FOREVER);
            break;
        case 'n':
            *(volatile int *)4 = 1;
            uart_printf(u, "NULL write survived\r\n");
            break;
        case 'w':
            sink = *(volatile int *)0x6f000000;
            *(volatile int *)0x6f000000 = 1;
            uart_printf(u, "wild access survived\r\n");
            break;
        case '1': {
            char b[8];
            int w = uart_write(board_uarts[1], "hello1", 6, after_ms(1000));
            int r = uart_read(board_uarts[1], b, 1, after_ms(3000));
            uart_printf(u, "uart1 wrote %d read %d '%c'\r\n", w, r, b[0]);
            break;
        }
        case 'P':
            u->polled = true;
            int e = u->driver->init(u);
            poller_kick(&u->poller);
            uart_printf(u, "polled %d\r\n", e);
            break;
        case 'B': {
            uint32_t keep = u->baud;
            struct uart copy = *u;
            for (uint32_t b = 100; b < 40000000; b *= 3) {
                copy.baud = b;
                copy.polled = true;
                uart_flush(u, FOREVER);
                int r = copy.driver->init(&copy);
                copy.baud = keep;
                copy.polled = u->polled;
                copy.driver->init(&copy);
                uart_printf(u, "%lu: %d\r\n", (unsigned long)b, r);
            }
            uart_printf(u, "bauds done\r\n");
            break;
        }
        case 'W':
            *(volatile int *)0x2f000000 = 1;
            uart_printf(u, "wild access survived\r\n");
            break;
        case 'J':
            ((void (*)(void))0x2f000001)();
            break;
        case 'j':
            ((void (*)(void))0x6f000001)();
            break;
        case 'p':
            panic("test: a panic");
        case 'l':
            board_led(true);
            board_led(false);
            uart_printf(u, "led\r\n");
            break;
        case 'm':
            uart_printf(u, "main used %u of %u\r\n", (unsigned)tasklet_stack_used(tasklet_self()),
                        (unsigned)tasklet_stack_size(tasklet_self()));
            break;
        default:
            break;
        }
    }
}

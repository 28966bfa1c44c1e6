// SPDX-License-Identifier: MIT
//
// Serial ports, the class: what every UART has above its registers. A driver is a table of functions
// and an interrupt handler, which moves bytes between the device's FIFO and the two rings here and
// kicks the poller; the poller wakes who waits. Programs read and write with io/uart.h.
//
//     device FIFO --handler--> rx ring --tasklet--> buffer          (ring: 1 line at least)
//     device FIFO <--handler-- tx ring <--tasklet-- buffer
//
// Nothing is lost without being counted: see struct uart_stats.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "kernel/poller.h"
#include "kernel/ring.h"
#include "kernel/wait.h"

struct uart;

// A kind of UART. All functions may be called in tasklet and poll context, and at boot.
struct uart_driver {
    // Sets the device up for u->clock_hz and u->baud, 8N1, and enables its interrupts, unless
    // u->polled. Returns 0, or -EINVAL if the device cannot do that rate within 4 %.
    int (*init)(struct uart *u);
    // There are bytes in the tx ring: see to it that the handler comes and takes them. Called after
    // each write, so it is cheap when transmission runs already.
    void (*start)(struct uart *u);
    // Does what the interrupt handler does, for whatever is ready now. Called with interrupts
    // masked (panic), or by the poller in polled mode. Runs in any state after init.
    void (*service)(struct uart *u);
    // True while the device can take a byte to send, and the register it goes to.
    bool (*can_send)(const struct uart *u);
    void (*send)(struct uart *u, uint8_t byte);
};

// Counted by the interrupt handler.
struct uart_stats {
    uint32_t received; // bytes that went into the ring
    uint32_t sent;     // bytes that left for the device
    uint32_t overruns; // times the device lost bytes because nobody fetched them
    uint32_t dropped;  // bytes lost because the rx ring was full
    uint32_t framing;  // bytes without a stop bit, dropped
    uint32_t parity;   // bytes with wrong parity, dropped
    uint32_t breaks;   // break conditions seen
};

struct uart {
    const struct uart_driver *driver;
    const char *name;  // "uart0"
    uintptr_t base;    // of the registers
    uint32_t baud;     // bits per second
    uint32_t clock_hz; // of the clock that the baud rate is made from; set by the board
    uint8_t line;      // interrupt line; the first of several
    bool polled;    // no interrupts: the poller looks each time round, and the system never sleeps
    struct ring rx; // producer: the handler
    struct ring tx; // consumer: the handler
    struct poller poller;
    struct waitq readable, writable;
    struct uart_stats stats;

    // While `attention` is a byte value (not -1), that byte is not queued but reported:
    // `on_attention` is called in poll context. So Ctrl-C arrives even if nobody reads and the ring
    // is full.
    int16_t attention;
    volatile uint8_t attention_seen; // written by the handler (1) and the poller (0)
    void (*on_attention)(void *arg);
    void *attention_arg;
};

// `struct uart uart0 = UART_INIT(uart0, "uart0", &uart_cmsdk, 0x40004000, 0, 115200, rx, tx);` where
// rx and tx are arrays, their sizes powers of two.
#define UART_INIT(self, its_name, its_driver, its_base, its_line, its_baud, rx_bytes, tx_bytes)    \
    {                                                                                              \
        .driver = (its_driver), .name = (its_name), .base = (its_base), .baud = (its_baud),        \
        .line = (its_line), .rx = RING_INIT(rx_bytes), .tx = RING_INIT(tx_bytes),                  \
        .poller = POLLER_INIT(uart_poll), .readable = WAITQ_INIT((self).readable, its_name),       \
        .writable = WAITQ_INIT((self).writable, its_name), .attention = -1                         \
    }

// Starts the port: the driver's init, and the poller. Returns what init returns. Context: boot.
int uart_start(struct uart *u);

// While fn is not NULL, the byte `key` is not queued but reported: fn(arg) in poll context. NULL ends
// that. Context: tasklet.
void uart_on_key(struct uart *u, int key, void (*fn)(void *), void *arg);

// The poller's function, and its part for output.
void uart_poll(struct poller *p);
void uart_poll_output(struct uart *u);

// Sends one byte by polling, in any state of the machine: for panic_putc.
void uart_put_polled(struct uart *u, uint8_t byte);

// ---- For drivers: interrupt context ----

// A good byte has arrived. It is dropped, and counted so, in a program that never reads a port.
void uart_received(struct uart *u, uint8_t byte);

// The same for a device that hands out its errors with the byte: UART_ bits in `status`, others are
// ignored. The errors are those of the byte; of one that was lost behind it there is the overrun. A
// framing error with a byte of zeros is a break. The bits are those of ST's devices.
void uart_saw(struct uart *u, uint32_t status, uint8_t byte);

enum { UART_PARITY = 1 << 0, UART_FRAMING = 1 << 1, UART_OVERRUN = 1 << 3, UART_BYTE = 1 << 5 };

// There is a byte to send.
static inline bool uart_has_output(const struct uart *u)
{
    return ring_used(&u->tx) != 0;
}

// The next byte to send; there is one.
static inline uint8_t uart_take_output(struct uart *u)
{
    u->stats.sent++;
    return ring_get(&u->tx);
}

// At the end of a handler: bytes came, or room was made.
static inline void uart_kick(struct uart *u)
{
    poller_kick(&u->poller);
}

// SPDX-License-Identifier: MIT
#include "drivers/uart/pl011.h"

#include <errno.h>

#include "drivers/irq/irq.h"
#include "kernel/arch.h"

// DDI0183, table 3-1.
struct registers {
    volatile uint32_t data; // with the errors of the byte received
    volatile uint32_t errors;
    uint32_t gap[4];
    volatile uint32_t flags;
    uint32_t gap2;
    volatile uint32_t low_power;
    volatile uint32_t divider;  // whole part
    volatile uint32_t fraction; // in 64ths
    volatile uint32_t line;     // its writing makes the divider count
    volatile uint32_t control;
    volatile uint32_t levels; // at which the FIFOs interrupt
    volatile uint32_t mask;   // 1: the interrupt is enabled
    volatile uint32_t raw;    // interrupts before the mask
    volatile uint32_t masked;
    volatile uint32_t clear;
};

enum {
    DATA_FRAMING = 1 << 8,
    DATA_PARITY = 1 << 9,
    DATA_BREAK = 1 << 10,
    FLAG_RX_EMPTY = 1 << 4,
    FLAG_TX_FULL = 1 << 5,
    LINE_FIFO = 1 << 4,
    LINE_8BIT = 3 << 5,
    CONTROL_ENABLE = 1 << 0,
    CONTROL_TX = 1 << 8,
    CONTROL_RX = 1 << 9,
    LEVELS_HALF = 2 << 3 | 1 << 0, // receive: half full; transmit: a quarter left
    INTR_RX = 1 << 4,
    INTR_TX = 1 << 5,
    INTR_RX_TIMEOUT = 1 << 6, // bytes wait in the FIFO for the time of 32 bits
    INTR_OVERRUN = 1 << 10,
};

static struct registers *registers_of(const struct uart *u)
{
    return (struct registers *)u->base;
}

static bool can_send(const struct uart *u)
{
    return (registers_of(u)->flags & FLAG_TX_FULL) == 0;
}

static void send(struct uart *u, uint8_t byte)
{
    registers_of(u)->data = byte;
}

// A break comes as a NUL with both the break and the framing bit.
static void receive(struct uart *u, uint32_t data)
{
    if (data & DATA_BREAK) {
        u->stats.breaks++;
    } else if (data & DATA_FRAMING) {
        u->stats.framing++;
    } else if (data & DATA_PARITY) {
        u->stats.parity++;
    } else {
        uart_received(u, (uint8_t)data);
    }
}

// The transmit interrupt marks the moment when the FIFO falls to its level, so it is cleared before
// the FIFO is filled: after that either it is full, and will fall, or there is nothing more to
// send. The receive interrupts go away as the FIFO is emptied.
static void service(struct uart *u)
{
    struct registers *r = registers_of(u);

    if (r->raw & INTR_OVERRUN) {
        u->stats.overruns++;
    }
    r->clear = INTR_TX | INTR_OVERRUN;
    while ((r->flags & FLAG_RX_EMPTY) == 0) {
        receive(u, r->data);
    }
    while (uart_has_output(u) && can_send(u)) {
        send(u, uart_take_output(u));
    }
}

void uart_pl011_interrupt(struct uart *u)
{
    service(u);
    uart_kick(u);
}

// The FIFO must rise above its level before it can fall to it: the first bytes go out from here.
static void start(struct uart *u)
{
    if (can_send(u)) {
        uintptr_t state = arch_irq_save();

        service(u);
        arch_irq_restore(state);
    }
}

static int init(struct uart *u)
{
    struct registers *r = registers_of(u);
    uint32_t divider = (u->clock_hz * 4 + u->baud / 2) / u->baud; // clock / (16 * baud), in 64ths

    if (divider < 64 || divider > UINT32_C(65535) * 64) {
        return -EINVAL;
    }
    r->control = 0;
    r->divider = divider / 64;
    r->fraction = divider % 64;
    r->line = LINE_8BIT; // empties the FIFOs
    r->line = LINE_8BIT | LINE_FIFO;
    r->levels = LEVELS_HALF;
    r->clear = UINT32_MAX;
    r->mask = u->polled ? 0 : INTR_RX | INTR_RX_TIMEOUT | INTR_TX;
    r->control = CONTROL_ENABLE | CONTROL_TX | CONTROL_RX;
    if (!u->polled) {
        irq_enable(u->line, IRQ_NORMAL);
    }
    return 0;
}

const struct uart_driver uart_pl011 = {
    .init = init,
    .start = start,
    .service = service,
    .can_send = can_send,
    .send = send,
};

// SPDX-License-Identifier: MIT
#include "drivers/uart/ns16550.h"

#include <errno.h>

#include "drivers/irq/irq.h"
#include "kernel/arch.h"

// Byte registers; two share an address with others.
struct registers {
    volatile uint8_t data;  // receive / transmit; divisor low while LCR_DLAB
    volatile uint8_t ier;   // interrupt enable; divisor high while LCR_DLAB
    volatile uint8_t fcr;   // FIFO control (write), interrupt identification (read)
    volatile uint8_t lcr;   // line control
    volatile uint8_t mcr;   // modem control
    volatile uint8_t lsr;   // line status; reading clears the error bits
    volatile uint8_t msr;   // modem status
    volatile uint8_t spare; //
};

enum {
    IER_RX = 1 << 0,
    IER_TX = 1 << 1,
    IER_LINE = 1 << 2,
    FCR_ENABLE = 1 << 0,
    FCR_CLEAR = 3 << 1,
    FCR_TRIGGER_8 = 2 << 6,
    LCR_8N1 = 3,
    LCR_DLAB = 1 << 7,
    MCR_OUT2 = 1 << 3, // lets the interrupt out on PC-like hardware
    LSR_DATA = 1 << 0,
    LSR_OVERRUN = 1 << 1,
    LSR_PARITY = 1 << 2,
    LSR_FRAMING = 1 << 3,
    LSR_BREAK = 1 << 4,
    LSR_TX_EMPTY = 1 << 5,
    FIFO = 16,
};

static struct registers *registers_of(const struct uart *u)
{
    return (struct registers *)u->base;
}

static bool can_send(const struct uart *u)
{
    return (registers_of(u)->lsr & LSR_TX_EMPTY) != 0;
}

static void send(struct uart *u, uint8_t byte)
{
    registers_of(u)->data = byte;
}

// The byte that `status` speaks of is the next one in the FIFO. A break comes as a NUL with both
// the break and the framing bit.
static void receive(struct uart *u, uint8_t status, uint8_t byte)
{
    if (status & LSR_BREAK) {
        u->stats.breaks++;
    } else if (status & LSR_FRAMING) {
        u->stats.framing++;
    } else if (status & LSR_PARITY) {
        u->stats.parity++;
    } else {
        uart_received(u, byte);
    }
}

static void service(struct uart *u)
{
    struct registers *r = registers_of(u);
    uint8_t status;

    while ((status = r->lsr) & (LSR_DATA | LSR_OVERRUN)) {
        if (status & LSR_OVERRUN) {
            u->stats.overruns++;
        }
        if (status & LSR_DATA) {
            receive(u, status, r->data);
        }
    }
    if (status & LSR_TX_EMPTY) { // the FIFO is empty
        for (unsigned room = FIFO; room > 0 && uart_has_output(u); room--) {
            send(u, uart_take_output(u));
        }
    }
    if (!uart_has_output(u) && !u->polled) {
        r->ier = IER_RX | IER_LINE;
    }
}

void uart_ns16550_interrupt(struct uart *u)
{
    service(u);
    uart_kick(u);
}

// Enabling the transmit interrupt raises it if the FIFO is empty.
static void start(struct uart *u)
{
    if (u->polled) {
        service(u);
    } else {
        registers_of(u)->ier = IER_RX | IER_LINE | IER_TX;
    }
}

static int init(struct uart *u)
{
    struct registers *r = registers_of(u);
    uint32_t divisor = (u->clock_hz + u->baud * 8) / (u->baud * 16);

    if (divisor == 0 || divisor > UINT16_MAX) {
        return -EINVAL;
    }
    r->ier = 0;
    r->lcr = LCR_DLAB;
    r->data = (uint8_t)divisor;
    r->ier = (uint8_t)(divisor >> 8);
    r->lcr = LCR_8N1;
    r->fcr = FCR_ENABLE | FCR_CLEAR | FCR_TRIGGER_8;
    r->mcr = MCR_OUT2;
    if (!u->polled) {
        r->ier = IER_RX | IER_LINE;
        irq_enable(u->line, IRQ_NORMAL);
    }
    return 0;
}

const struct uart_driver uart_ns16550 = {
    .init = init,
    .start = start,
    .service = service,
    .can_send = can_send,
    .send = send,
};

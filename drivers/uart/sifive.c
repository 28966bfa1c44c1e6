// SPDX-License-Identifier: MIT
#include "drivers/uart/sifive.h"

#include <errno.h>

#include "drivers/irq/irq.h"

struct registers {
    volatile uint32_t txdata; // write: a byte to send; read: bit 31 while the FIFO is full
    volatile uint32_t rxdata; // reading takes a byte; bit 31 if there was none
    volatile uint32_t txctrl;
    volatile uint32_t rxctrl;
    volatile uint32_t ie;
    volatile uint32_t ip;
    volatile uint32_t div; // clock cycles per bit, less one
};

enum {
    TXCTRL_ENABLE = 1 << 0,
    TXCTRL_WATERMARK_2 = 2 << 16, // interrupts while fewer than 2 bytes wait in the FIFO
    RXCTRL_ENABLE = 1 << 0,       // watermark 0: interrupts while there is a byte
    IE_TX = 1 << 0,
    IE_RX = 1 << 1,
    CYCLES_MIN = 17, // per bit: div is at least 16
    CYCLES_MAX = 1 << 16,
};

static const uint32_t FULL = UINT32_C(1) << 31, EMPTY = UINT32_C(1) << 31;

static struct registers *registers_of(const struct uart *u)
{
    return (struct registers *)u->base;
}

static bool can_send(const struct uart *u)
{
    return (registers_of(u)->txdata & FULL) == 0;
}

static void send(struct uart *u, uint8_t byte)
{
    registers_of(u)->txdata = byte;
}

static void service(struct uart *u)
{
    struct registers *r = registers_of(u);
    uint32_t data;

    while (((data = r->rxdata) & EMPTY) == 0) {
        uart_received(u, (uint8_t)data);
    }
    while (uart_has_output(u) && can_send(u)) {
        send(u, uart_take_output(u));
    }
    if (!uart_has_output(u) && !u->polled) {
        r->ie = IE_RX;
    }
}

void uart_sifive_interrupt(struct uart *u)
{
    service(u);
    uart_kick(u);
}

// The interrupt is a level: enabling it raises it if the FIFO has room.
static void start(struct uart *u)
{
    if (u->polled) {
        service(u);
    } else {
        registers_of(u)->ie = IE_RX | IE_TX;
    }
}

// At 17 cycles and more, half a cycle of rounding is less than 3 %.
static int init(struct uart *u)
{
    struct registers *r = registers_of(u);
    uint32_t cycles = (u->clock_hz + u->baud / 2) / u->baud;

    if (cycles < CYCLES_MIN || cycles > CYCLES_MAX) {
        return -EINVAL;
    }
    r->ie = 0;
    r->div = cycles - 1;
    r->txctrl = TXCTRL_ENABLE | TXCTRL_WATERMARK_2;
    r->rxctrl = RXCTRL_ENABLE;
    if (!u->polled) {
        r->ie = IE_RX;
        irq_enable(u->line, IRQ_NORMAL);
    }
    return 0;
}

const struct uart_driver uart_sifive = {
    .init = init,
    .start = start,
    .service = service,
    .can_send = can_send,
    .send = send,
};

// SPDX-License-Identifier: MIT
#include "drivers/uart/cmsdk.h"

#include <errno.h>

#include "drivers/irq/irq.h"
#include "kernel/arch.h"

struct registers {
    volatile uint32_t data;
    volatile uint32_t state;
    volatile uint32_t ctrl;
    volatile uint32_t intr; // status; writing 1 clears
    volatile uint32_t bauddiv;
};

enum {
    STATE_TX_FULL = 1 << 0,
    STATE_RX_FULL = 1 << 1,
    STATE_RX_OVERRUN = 1 << 3, // writing 1 clears
    CTRL_TX = 1 << 0,
    CTRL_RX = 1 << 1,
    CTRL_TX_INTR = 1 << 2, // at the fall of TX_FULL
    CTRL_RX_INTR = 1 << 3,
    INTR_TX = 1 << 0,
    INTR_RX = 1 << 1,
    INTR_RX_OVERRUN = 1 << 3,
    BAUDDIV_MIN = 16,
};

static struct registers *registers_of(const struct uart *u)
{
    return (struct registers *)u->base;
}

static bool can_send(const struct uart *u)
{
    return (registers_of(u)->state & STATE_TX_FULL) == 0;
}

static void send(struct uart *u, uint8_t byte)
{
    registers_of(u)->data = byte;
}

static void service(struct uart *u)
{
    struct registers *r = registers_of(u);

    r->intr = INTR_TX | INTR_RX;
    while (r->state & STATE_RX_FULL) {
        uart_received(u, (uint8_t)r->data);
    }
    if (r->state & STATE_RX_OVERRUN) {
        r->state = STATE_RX_OVERRUN;
        r->intr = INTR_RX_OVERRUN;
        u->stats.overruns++;
    }
    while (uart_has_output(u) && can_send(u)) {
        send(u, uart_take_output(u));
    }
}

void uart_cmsdk_interrupt(struct uart *u)
{
    service(u);
    uart_kick(u);
}

// The transmit interrupt marks an edge, so the first byte goes out from here.
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
    uint32_t divider = (u->clock_hz + u->baud / 2) / u->baud;

    if (divider < BAUDDIV_MIN) {
        return -EINVAL;
    }
    r->ctrl = 0;
    r->bauddiv = divider;
    r->ctrl = CTRL_TX | CTRL_RX | (u->polled ? 0 : CTRL_TX_INTR | CTRL_RX_INTR);
    if (!u->polled) {
        irq_enable(u->line, IRQ_NORMAL);
        irq_enable(u->line + 1u, IRQ_NORMAL);
    }
    return 0;
}

const struct uart_driver uart_cmsdk = {
    .init = init,
    .start = start,
    .service = service,
    .can_send = can_send,
    .send = send,
};

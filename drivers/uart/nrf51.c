// SPDX-License-Identifier: MIT
#include "drivers/uart/nrf51.h"

#include <errno.h>

#include "drivers/irq/irq.h"
#include "kernel/arch.h"

// Tasks, events and registers, at their offsets.
struct registers {
    volatile uint32_t start_rx, stop_rx, start_tx, stop_tx; // 0x000
    uint32_t gap0[60];
    volatile uint32_t cts, ncts; // 0x100
    volatile uint32_t rx_ready;  // 0x108: a byte is in rxd
    uint32_t gap1[4];
    volatile uint32_t tx_ready; // 0x11C: the byte in txd has gone
    uint32_t gap2;
    volatile uint32_t error; // 0x124
    uint32_t gap3[119];
    volatile uint32_t interrupts_on,
        interrupts_off; // 0x304: writing 1 sets, clears; both read the set
    uint32_t gap4[93];
    volatile uint32_t error_source; // 0x480: writing 1 clears
    uint32_t gap5[31];
    volatile uint32_t enable; // 0x500
    uint32_t gap6;
    volatile uint32_t pin_rts, pin_tx, pin_cts, pin_rx; // 0x508
    volatile uint32_t rxd, txd;                         // 0x518
    uint32_t gap7;
    volatile uint32_t baud_rate; // 0x524
    uint32_t gap8[17];
    volatile uint32_t config; // 0x56C: 0 is 8N1 without flow control
};
_Static_assert(offsetof(struct registers, config) == 0x56C, "the gaps");

#define GPIO_OUTSET (*(volatile uint32_t *)0x50000508)
#define GPIO_DIRSET (*(volatile uint32_t *)0x50000518)
#define GPIO_CNF(n) (*(volatile uint32_t *)(0x50000700 + 4 * (n)))

enum {
    INT_RX_READY = 1 << 2,
    INT_TX_READY = 1 << 7,
    INT_ERROR = 1 << 9,
    SOURCE_OVERRUN = 1 << 0,
    SOURCE_PARITY = 1 << 1,
    SOURCE_FRAMING = 1 << 2,
    SOURCE_BREAK = 1 << 3,
    ENABLE = 4,
    GPIO_INPUT_PULL_UP = 3 << 2,
    BAUD_MIN = 1200,
    BAUD_MAX = 1000000,
};

static struct registers *registers_of(const struct uart *u)
{
    return (struct registers *)u->base;
}

// There is no flag that says "nothing was sent yet, or the last byte has gone". The interrupt
// enable stands in for the first half of it, also in polled mode: it is set while a byte is under
// way.
static bool is_sending(const struct registers *r)
{
    return (r->interrupts_on & INT_TX_READY) != 0;
}

static bool can_send(const struct uart *u)
{
    const struct registers *r = registers_of(u);

    return !is_sending(r) || r->tx_ready != 0;
}

static void send(struct uart *u, uint8_t byte)
{
    struct registers *r = registers_of(u);

    r->tx_ready = 0;
    r->txd = byte;
    r->interrupts_on = INT_TX_READY;
}

// Takes note of errors. Returns true if one of the bytes is bad. A break shows as a framing error
// first, and then for what it is.
static bool look_for_errors(struct uart *u)
{
    struct registers *r = registers_of(u);
    uint32_t source;

    if (r->error == 0) {
        return false;
    }
    r->error = 0;
    source = r->error_source;
    r->error_source = source;
    u->stats.overruns += (source & SOURCE_OVERRUN) != 0;
    u->stats.parity += (source & SOURCE_PARITY) != 0;
    u->stats.breaks += (source & SOURCE_BREAK) != 0;
    u->stats.framing += (source & (SOURCE_FRAMING | SOURCE_BREAK)) == SOURCE_FRAMING;
    return (source & SOURCE_FRAMING) != 0;
}

// Reading rxd moves the next byte up, if there is one, and sets the event again.
static void receive(struct uart *u, bool last_is_bad)
{
    struct registers *r = registers_of(u);

    while (r->rx_ready != 0) {
        r->rx_ready = 0;
        uint8_t byte = (uint8_t)r->rxd;

        if (!last_is_bad || r->rx_ready != 0) {
            uart_received(u, byte);
        }
    }
}

static void service(struct uart *u)
{
    struct registers *r = registers_of(u);

    receive(u, look_for_errors(u));
    if (!can_send(u)) {
        return;
    }
    if (uart_has_output(u)) {
        send(u, uart_take_output(u));
    } else {
        r->interrupts_off = INT_TX_READY;
    }
}

void uart_nrf51_interrupt(struct uart *u)
{
    service(u);
    uart_kick(u);
}

// The first byte goes out from here, the others follow from the interrupt.
static void start(struct uart *u)
{
    if (can_send(u)) {
        uintptr_t state = arch_irq_save();

        service(u);
        arch_irq_restore(state);
    }
}

// The rate is a fraction of 16 MHz in units of 2^-32, of which the upper 20 bits count.
static uint32_t rate_of(uint32_t baud)
{
    return (baud * 268 + baud * 435 / 1000 + 0x800) & ~UINT32_C(0xFFF);
}

static int init(struct uart *u)
{
    struct registers *r = registers_of(u);

    if (u->baud < BAUD_MIN || u->baud > BAUD_MAX) {
        return -EINVAL;
    }
    r->enable = ENABLE;
    r->interrupts_off = UINT32_MAX;
    r->baud_rate = rate_of(u->baud);
    r->config = 0;
    r->error = 0;
    r->error_source = UINT32_MAX;
    r->rx_ready = 0;
    r->tx_ready = 0;
    r->start_tx = 1;
    r->start_rx = 1;
    if (!u->polled) {
        r->interrupts_on = INT_RX_READY | INT_ERROR;
        irq_enable(u->line, IRQ_NORMAL);
    }
    return 0;
}

// The pins are as the line at rest while the UART is off, and its own once it is on (table "GPIO
// configuration" there). TX is high before it is an output.
void uart_nrf51_pins(struct uart *u, unsigned tx, unsigned rx)
{
    GPIO_OUTSET = UINT32_C(1) << tx;
    GPIO_DIRSET = UINT32_C(1) << tx;
    GPIO_CNF(rx) = GPIO_INPUT_PULL_UP;
    registers_of(u)->pin_tx = tx;
    registers_of(u)->pin_rx = rx;
}

const struct uart_driver uart_nrf51 = {
    .init = init,
    .start = start,
    .service = service,
    .can_send = can_send,
    .send = send,
};

// SPDX-License-Identifier: MIT
#include "drivers/uart/stm32.h"

#include <errno.h>

#include "drivers/irq/irq.h"
#include "kernel/arch.h"

struct registers {
    volatile uint32_t sr; // status; errors are cleared by reading this, then dr
    volatile uint32_t dr;
    volatile uint32_t brr; // clock / baud
    volatile uint32_t cr1;
    volatile uint32_t cr2;
    volatile uint32_t cr3;
};

enum {
    SR_PARITY = 1 << 0,
    SR_FRAMING = 1 << 1,
    SR_OVERRUN = 1 << 3,
    SR_RX_FULL = 1 << 5,
    SR_TX_EMPTY = 1 << 7,
    CR1_RX = 1 << 2,
    CR1_TX = 1 << 3,
    CR1_RX_INTR = 1 << 5, // also for overruns
    CR1_TX_INTR = 1 << 7,
    CR1_ENABLE = 1 << 13,
    CR1_ON = CR1_ENABLE | CR1_TX | CR1_RX,
    DIVIDER_MIN = 16,
};

static struct registers *registers_of(const struct uart *u)
{
    return (struct registers *)u->base;
}

static bool can_send(const struct uart *u)
{
    return (registers_of(u)->sr & SR_TX_EMPTY) != 0;
}

static void send(struct uart *u, uint8_t byte)
{
    registers_of(u)->dr = byte;
}

_Static_assert((int)SR_PARITY == UART_PARITY && (int)SR_FRAMING == UART_FRAMING &&
                   (int)SR_OVERRUN == UART_OVERRUN && (int)SR_RX_FULL == UART_BYTE,
               "the status goes to uart_saw() as it is");

static void service(struct uart *u)
{
    struct registers *r = registers_of(u);
    uint32_t status;

    while ((status = r->sr) & (SR_RX_FULL | SR_OVERRUN)) {
        uart_saw(u, status, (uint8_t)r->dr);
    }
    while (uart_has_output(u) && can_send(u)) {
        send(u, uart_take_output(u));
    }
    if (!u->polled) {
        r->cr1 = CR1_ON | CR1_RX_INTR | (uart_has_output(u) ? CR1_TX_INTR : 0);
    }
}

void uart_stm32_interrupt(struct uart *u)
{
    service(u);
    uart_kick(u);
}

// Enabling the interrupt would do: it is raised as long as the buffer is empty. That the first byte
// goes out from here saves an interrupt, and QEMU 7.2 needs it: its USART has no transmit
// interrupt, but takes any number of bytes.
static void start(struct uart *u)
{
    uintptr_t state = arch_irq_save();

    service(u);
    arch_irq_restore(state);
}

static int init(struct uart *u)
{
    struct registers *r = registers_of(u);
    uint32_t divider = (u->clock_hz + u->baud / 2) / u->baud;

    if (divider < DIVIDER_MIN || divider > UINT16_MAX) {
        return -EINVAL;
    }
    r->cr1 = 0;
    r->cr2 = 0;
    r->cr3 = 0;
    r->brr = divider;
    r->cr1 = CR1_ON | (u->polled ? 0 : CR1_RX_INTR);
    if (!u->polled) {
        irq_enable(u->line, IRQ_NORMAL);
    }
    return 0;
}

const struct uart_driver uart_stm32 = {
    .init = init,
    .start = start,
    .service = service,
    .can_send = can_send,
    .send = send,
};

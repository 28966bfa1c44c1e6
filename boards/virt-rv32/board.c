// SPDX-License-Identifier: MIT
//
// QEMU's RISC-V virt machine (its memory map: hw/riscv/virt.c).
#include "boards/board.h"

#include "arch/riscv/platform.h"
#include "drivers/clock/clint.h"
#include "drivers/irq/irq.h"
#include "drivers/irq/plic.h"
#include "drivers/uart/ns16550.h"
#include "drivers/virtio/virtio.h"
#include "kernel/panic.h"

enum { UART_HZ = 3686400, VIRTIO0 = 1, VIRTIO7 = 8, UART0 = 10 };

const char board_name[] = "virt-rv32";
const uintptr_t clint_base = 0x02000000;
const uintptr_t plic_base = 0x0C000000;
const struct virtio_slots virtio_slots = {
    .base = 0x10001000, .stride = 0x1000, .count = 8, .line = VIRTIO0
};

static uint8_t rx0[256], tx0[256];
static struct uart uart0 =
    UART_INIT(uart0, "uart0", &uart_ns16550, 0x10000000, UART0, 115200, rx0, tx0);
struct uart *const board_uarts[] = { &uart0, NULL };

static void uart0_handler(void)
{
    uart_ns16550_interrupt(&uart0);
}

// From net.c and block.c, in programs that use the network or a disk. Only those devices in the slots
// interrupt, and each handler knows its own.
void board_netdev_interrupt(void) __attribute__((weak));
void board_block_interrupt(void) __attribute__((weak));

static void slot_handler(void)
{
    if (board_netdev_interrupt != NULL) {
        board_netdev_interrupt();
    }
    if (board_block_interrupt != NULL) {
        board_block_interrupt();
    }
}

IRQ_TABLE = { [VIRTIO0... VIRTIO7] = slot_handler, [UART0] = uart0_handler };
const unsigned board_irq_count = sizeof board_irqs / sizeof board_irqs[0];

static void put(char c)
{
    uart_put_polled(&uart0, (uint8_t)c);
}

const bool board_has_led = false;

void board_led(bool on)
{
    (void)on;
}

// The machine's "sifive_test" device resets all of it; RAM keeps its contents.
void platform_reset(void)
{
    *(volatile uint32_t *)0x00100000 = 0x7777;
}

void board_init(void)
{
    uart0.clock_hz = UART_HZ;
    clock_clint_init();
    plic_init();
    uart_start(&uart0);
    panic_putc = put;
}

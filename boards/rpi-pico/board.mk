# Raspberry Pi Pico: RP2040, one of its two Cortex-M0+ at 125 MHz.
CPU = cortex-m0plus
TICK_HZ = 1000000
DRIVERS = irq/nvic clock/rp2040 uart/pl011 entropy/rosc
FINISH = tools/rp2040-boot2
EMULATOR = tools/rp2040-run
RUN_SETUP = rp2040js
EXC_STACK = 640
VERIFIED = rp2040js 1.4.1
ABOUT = Raspberry Pi Pico (RP2040), 264 KB RAM

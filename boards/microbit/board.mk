# BBC micro:bit, version 1: Nordic nRF51822.
CPU = cortex-m0
OPT = -Os
TICK_HZ = 1000000
DRIVERS = irq/nvic clock/nrf51 uart/nrf51 entropy/nrf51
MAIN_STACK = 1024
RUN_SETUP = qemu-arm
VERIFIED = QEMU 7.2
ABOUT = BBC micro:bit v1, nRF51822, 16 KB RAM
EMULATOR = qemu-system-arm -M microbit -nographic -semihosting-config enable=on,target=native -kernel

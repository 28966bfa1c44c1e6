# The evaluation board of the Stellaris LM3S6965.
CPU = cortex-m3
TICK_HZ = 50000000
DRIVERS = irq/nvic clock/systick uart/pl011
NET_DRIVERS = net/stellaris entropy/jitter
NIC = stellaris
NET_SMALL = 1
RUN_SETUP = qemu-arm
VERIFIED = QEMU 7.2
ABOUT = TI/Luminary LM3S6965 evaluation board, 64 KB RAM
EMULATOR = qemu-system-arm -M lm3s6965evb -nographic -semihosting-config enable=on,target=native $(NETWORK) -kernel

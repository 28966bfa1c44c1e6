# Arm MPS2 FPGA board with the Cortex-M3 image AN385.
CPU = cortex-m3
TICK_HZ = 25000000
DRIVERS = irq/nvic clock/cmsdk uart/cmsdk
NET_DRIVERS = net/lan9118 entropy/jitter
NIC = lan9118
VERIFIED = QEMU 7.2
ABOUT = Arm MPS2+ FPGA image AN385, 4 MB RAM
EMULATOR = qemu-system-arm -M mps2-an385 -nographic -semihosting-config enable=on,target=native $(NETWORK) -kernel

# Arm MPS2+ FPGA board with the Cortex-M33 image AN505. The program stays in the secure state.
CPU = cortex-m33
TICK_HZ = 20000000
DRIVERS = irq/nvic clock/cmsdk uart/cmsdk
NET_DRIVERS = net/lan9118 entropy/jitter
NIC = lan9118
VERIFIED = QEMU 7.2
ABOUT = Arm MPS2+ FPGA image AN505, 4 MB RAM
EMULATOR = qemu-system-arm -M mps2-an505 -nographic -semihosting-config enable=on,target=native $(NETWORK) -kernel

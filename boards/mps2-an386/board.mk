# Arm MPS2 FPGA board with the Cortex-M4F image AN386.
CPU = cortex-m4f
TICK_HZ = 25000000
DRIVERS = irq/nvic clock/cmsdk uart/cmsdk
NET_DRIVERS = net/lan9118 entropy/jitter
NIC = lan9118
VERIFIED = QEMU 7.2
ABOUT = Arm MPS2+ FPGA image AN386, 4 MB RAM
EMULATOR = qemu-system-arm -M mps2-an386 -nographic -semihosting-config enable=on,target=native $(NETWORK) -kernel

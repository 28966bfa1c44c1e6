# Arm MPS3 FPGA board with the Cortex-M55 image AN547. The program stays in the secure state.
CPU = cortex-m55
TICK_HZ = 32000000
DRIVERS = irq/nvic clock/sse uart/cmsdk
NET_DRIVERS = net/lan9118 entropy/jitter
NIC = lan9118
VERIFIED = QEMU 7.2
ABOUT = Arm MPS3 FPGA image AN547, 512 KB tightly coupled RAM for code, 4 MB RAM
EMULATOR = qemu-system-arm -M mps3-an547 -nographic -semihosting-config enable=on,target=native $(NETWORK) -kernel

# QEMU's RISC-V "virt" machine, 32 bits.
ARCH = riscv
CPU = rv32imac
TICK_HZ = 10000000
DRIVERS = irq/plic clock/clint uart/ns16550
NET_DRIVERS = virtio/virtio net/virtio entropy/virtio
BLOCK_DRIVERS = virtio/virtio block/virtio
NIC = virtio-net-device
EMULATOR = qemu-system-riscv32 -M virt -bios none -nographic -semihosting-config enable=on,target=native -device virtio-rng-device $(NETWORK) $(DRIVE) -kernel
RUN_SETUP = qemu-riscv
VERIFIED = QEMU 7.2
ABOUT = QEMU virt, RV32IMAC, 64 MB RAM

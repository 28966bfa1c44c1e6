# SiFive HiFive1 Rev B: FE310-G002, RV32IMAC at 16 MHz.
ARCH = riscv
CPU = rv32imac
OPT = -Os
EXC_STACK = 512
POLL_STACK = 512
MAIN_STACK = 1536
# The machine timer counts a 32768 Hz crystal, but at 10 MHz in QEMU 7.2. For silicon: make SILICON=1.
TICK_HZ = $(if $(SILICON),32768,10000000)
TAG_EXTRA = $(if $(SILICON),-silicon)
DRIVERS = irq/plic clock/clint uart/sifive
EMULATOR = qemu-system-riscv32 -M sifive_e,revb=true -nographic -semihosting-config enable=on,target=native -kernel
RUN_SETUP = qemu-riscv
VERIFIED = QEMU 7.2
ABOUT = SiFive HiFive1 Rev B, 16 KB RAM

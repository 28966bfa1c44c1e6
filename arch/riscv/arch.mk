# RISC-V: RV32 and RV64. The compiler wants Zicsr named, the linker must not see it: its choice of
# library variants does not know the extension, and would silently take the wrong one.
CROSS  ?= riscv64-unknown-elf-
SETUP  += riscv
LIBC    = picolibc

CPUFLAGS_rv32imac = -march=rv32imac_zicsr_zifencei -mabi=ilp32
CPUFLAGS_rv64imac = -march=rv64imac_zicsr_zifencei -mabi=lp64
CPUFLAGS_rv32gc   = -march=rv32imafdc_zicsr_zifencei -mabi=ilp32d
CPUFLAGS_rv64gc   = -march=rv64imafdc_zicsr_zifencei -mabi=lp64d
CPUFLAGS = $(CPUFLAGS_$(CPU)) -mcmodel=medany -msmall-data-limit=8
LINKFLAGS = $(subst _zicsr_zifencei,,$(CPUFLAGS_$(CPU))) -mcmodel=medany

ARCH_SOURCES = arch/riscv/switch.S arch/riscv/swap.S arch/riscv/chunks.S arch/riscv/call_on.S arch/riscv/trap.S arch/riscv/start.c arch/riscv/fault.c arch/riscv/exit.c arch/checksum.c
LDLIBS  = --specs=picolibc.specs -Wl,--start-group -lstint -lc -lgcc -Wl,--end-group
ARCH_CFLAGS = --specs=picolibc.specs

# ARM Cortex-M: compiler flags per processor.
CROSS  ?= arm-none-eabi-
SETUP  += arm
RUN_SETUP ?= qemu-arm
LIBC    = newlib

CPUFLAGS_cortex-m0      = -mcpu=cortex-m0 -mfloat-abi=soft
CPUFLAGS_cortex-m0plus  = -mcpu=cortex-m0plus -mfloat-abi=soft
CPUFLAGS_cortex-m3      = -mcpu=cortex-m3 -mfloat-abi=soft
CPUFLAGS_cortex-m4      = -mcpu=cortex-m4 -mfloat-abi=soft
CPUFLAGS_cortex-m4f     = -mcpu=cortex-m4 -mfpu=fpv4-sp-d16 -mfloat-abi=hard
CPUFLAGS_cortex-m7      = -mcpu=cortex-m7 -mfpu=fpv5-d16 -mfloat-abi=hard
CPUFLAGS_cortex-m33     = -mcpu=cortex-m33+nodsp -mfpu=fpv5-sp-d16 -mfloat-abi=hard
CPUFLAGS_cortex-m55     = -mcpu=cortex-m55+nomve -mfpu=fpv5-d16 -mfloat-abi=hard
CPUFLAGS = -mthumb $(CPUFLAGS_$(CPU))

# The kernel and the drivers keep no floating-point state, so that only who computes pays for it.
INTEGER_ONLY = $(if $(findstring hard,$(CPUFLAGS)),-mgeneral-regs-only)

ARCH_SOURCES = arch/arm-m/switch.S arch/arm-m/swap.S arch/arm-m/call_on.S arch/arm-m/window.S arch/arm-m/checksum.S \
               arch/arm-m/start.c $(if $(filter cortex-m0%,$(CPU)),arch/chunks.c,arch/arm-m/chunks.S) \
               arch/arm-m/fault$(if $(filter brief,$(REPORT)),_brief).c
ARCH_CFLAGS = --specs=nano.specs
LDLIBS  = --specs=nano.specs -Wl,--start-group -lstint -lc -lgcc -Wl,--end-group

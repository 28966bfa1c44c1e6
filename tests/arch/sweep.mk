# PLANTED: sources that replace those of the kernel with the same functions, with a fault in them.
APP_EXTRA  = tests/arch/sweep_waits.c tests/arch/sweep_work.c \
             tests/arch/strike_$(ARCH).c tests/arch/regs_$(ARCH).S $(PLANTED)
MAIN_STACK = 4096
ifeq ($(ARCH),riscv)
LDLIBS    += -Wl,--wrap=clock_alarm -Wl,--wrap=platform_timer_interrupt
endif

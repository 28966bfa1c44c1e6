APP_EXTRA = tests/arch/port_registers.c tests/arch/port_handlers.c tests/arch/regs_$(ARCH).S
LDLIBS   += -Wl,--wrap=time_alarm

include tests/kernel/suite.mk
APP_EXTRA += tests/host/says.c
LDLIBS += -Wl,--wrap=arch_is_kernel

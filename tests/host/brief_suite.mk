include tests/kernel/suite.mk
REPORT = brief
LDLIBS += -Wl,--wrap=arch_reset

include tests/kernel/suite.mk
LDLIBS += -Wl,--wrap=clock_alarm

include tests/kernel/suite.mk
LDLIBS += -Wl,--wrap=time_alarm

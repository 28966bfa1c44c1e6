# What the suites here are linked with. They bring their own devices.
include tests/kernel/suite.mk
APP_EXTRA += tests/block/hand.c
BLOCK = 0

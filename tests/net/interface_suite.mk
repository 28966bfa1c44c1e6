NET = 1
include tests/kernel/suite.mk

include tests/kernel/suite.mk

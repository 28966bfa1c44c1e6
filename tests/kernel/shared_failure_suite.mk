include tests/kernel/suite.mk
APP_EXTRA += tests/kernel/shared.c

include tests/kernel/suite.mk
APP_EXTRA += tests/host/says.c
BLOCK = 0

include tests/kernel/suite.mk
APP_EXTRA += tests/bench/hash.c

NET = 1
include tests/kernel/suite.mk
APP_EXTRA += tests/net/peer.c

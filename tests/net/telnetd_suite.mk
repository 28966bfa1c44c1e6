NET = 1
include tests/kernel/suite.mk
include apps/shell/net.mk
APP_EXTRA += tests/net/peer.c $(TELNET_EXTRA)

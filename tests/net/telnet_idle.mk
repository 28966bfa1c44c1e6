include apps/shell/net.mk
APP_EXTRA = $(TELNET_EXTRA)
SERVES = 23

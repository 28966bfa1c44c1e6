include apps/shell/net.mk
APP_EXTRA = $(filter-out apps/telnetd/%,$(TELNET_EXTRA))
SERVES = 23

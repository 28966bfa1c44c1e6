include apps/shell/net.mk
include apps/httpd/site.mk
APP_EXTRA = $(TELNET_EXTRA) $(SITE_EXTRA)
APP_CPPFLAGS += $(if $(NET_SMALL),-DNETDEMO_PORTS=1 -DNETDEMO_ECHOES=2)
SERVES = 80 23 7
MAIN_STACK = $(if $(filter rv64%,$(CPU)),2560,1792)

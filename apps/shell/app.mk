# A board with little RAM says SMALL = 1 in its board.mk.
MAIN_STACK = $(if $(filter rv64%,$(CPU)),2048,1536)
ifeq ($(SMALL),1)
MAIN_STACK = 1024
APP_CPPFLAGS = -DSHELL_PORTS=1 -DSHELL_JOBS=1 -DSHELL_HISTORY=128
endif

include apps/shell/exceptions.mk

# The commands for the network are other programs': see net.mk.
APP_SOURCES := $(filter-out %/net_commands.c %/fetch.c,$(APP_SOURCES))

NET = 1
include tests/kernel/suite.mk
APP_EXTRA += tests/net/peer.c
LDLIBS += $(addprefix -Wl$(comma)--wrap=,pool_alloc memp_malloc mem_malloc)

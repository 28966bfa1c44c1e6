SERVES = 7
MAIN_STACK = $(if $(filter rv64%,$(CPU)),1536,1024)
# On boards with little RAM, lwIP is to have as many connections, and a few that are being closed.
NET_CPPFLAGS += $(if $(NET_SMALL),-DNET_CONNECTIONS=60)
TAG_EXTRA += $(if $(NET_SMALL),-crowd)

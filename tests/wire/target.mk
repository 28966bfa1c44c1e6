# A board with little RAM serves fewer.
NET = 1
APP_CPPFLAGS = $(if $(NET_SMALL),-DWORKERS=5)

# Boards with a network have their source among its drivers.
NET = $(if $(wildcard boards/$(BOARD)/net.c),1,0)
include tests/kernel/suite.mk

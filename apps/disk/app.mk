BLOCK = 1
# A board without a disk has one in its RAM.
APP_SOURCES := $(filter-out $(if $(wildcard boards/$(BOARD)/block.c),%/ram.c,%/board.c),$(APP_SOURCES))

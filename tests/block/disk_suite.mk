include tests/block/block.mk
APP_EXTRA += apps/disk/server.c

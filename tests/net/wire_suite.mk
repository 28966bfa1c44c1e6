include tests/kernel/suite.mk
APP_EXTRA += tests/net/frames.c
# The wire without a stack on it.
LWIP_SOURCES =
TAG_EXTRA += -wire

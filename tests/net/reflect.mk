# No stack.
LWIP_SOURCES =
TAG_EXTRA += -wire

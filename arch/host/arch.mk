# Linux on x86-64 or aarch64: tests in virtual time, and play in real time. CC=clang and
# SANITIZE=address,undefined select compiler and sanitizers.
CROSS    =
SETUP   += host
LIBC     = host
CC_HOST ?= gcc
SANITIZE ?=

CPUFLAGS      = -pthread
# The process has a main() of its own; the program's is called from the first tasklet.
ARCH_CPPFLAGS = -D_GNU_SOURCE
ARCH_CFLAGS   = -include arch/host/main.h -fno-omit-frame-pointer $(if $(SANITIZE),-fsanitize=$(SANITIZE) -fno-sanitize-recover=all)
LDFLAGS       = $(filter -fsan%,$(ARCH_CFLAGS)) -Wl,--gc-sections -L$(OUT)
ARCH_SOURCES  = arch/host/switch.S arch/host/start.c arch/checksum.c arch/chunks.c
LDLIBS        = -lstint
TAG_EXTRA     = $(if $(filter-out gcc,$(CC_HOST)),-$(CC_HOST))$(if $(SANITIZE),-sanitized)

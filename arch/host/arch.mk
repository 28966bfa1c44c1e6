# Linux on x86-64 or aarch64: tests in virtual time, and play in real time. CC_HOST=clang and
# SANITIZE=address,undefined select compiler and sanitizers, COVERAGE=1 (clang-19) counts what is executed.
CROSS    =
SETUP   += host
LIBC     = host
CC_HOST ?= gcc
SANITIZE ?=
COVERAGE ?= 0

CPUFLAGS      = -pthread
# The process has a main() of its own; the program's is called from the first tasklet.
ARCH_CPPFLAGS = -D_GNU_SOURCE
COUNTING      = $(if $(filter 1,$(COVERAGE)),-DHOST_COVERAGE -fprofile-instr-generate -fcoverage-mapping -fcoverage-mcdc -Wno-unknown-attributes)
ARCH_CFLAGS   = -include arch/host/main.h -fno-omit-frame-pointer $(if $(SANITIZE),-fsanitize=$(SANITIZE) -fno-sanitize-recover=all) $(COUNTING)
LDFLAGS       = $(filter -fsan% -fprofile%,$(ARCH_CFLAGS)) -Wl,--gc-sections -L$(OUT)
ARCH_SOURCES  = arch/host/switch.S arch/host/start.c arch/host/fault$(if $(filter brief,$(REPORT)),_brief).c arch/checksum.c arch/chunks.c
LDLIBS        = -lstint
TAG_EXTRA     = $(if $(filter-out gcc,$(CC_HOST)),-$(CC_HOST))$(if $(SANITIZE),-sanitized)$(if $(COUNTING),-coverage)

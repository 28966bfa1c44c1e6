# Stint. `make help` says what there is; docs/porting.md says how this file finds boards and drivers.
#
# One build is made of a board (boards/NAME/board.mk), its architecture (arch/NAME/arch.mk) and an
# application (apps/NAME.c or apps/NAME/). Everything else is a library from which an application
# links what it uses.

BOARD ?= mps2-an386
APP   ?= $(if $(wildcard boards/$(BOARD:host=)/net.c),netdemo,shell)
BUILD ?= build

BOARDS := $(sort $(patsubst boards/%/board.mk,%,$(wildcard boards/*/board.mk)))
APPS   := $(sort $(basename $(notdir $(wildcard apps/*.c))) $(patsubst apps/%/,%,$(dir $(wildcard apps/*/main.c))))
TESTS  := $(sort $(basename $(notdir $(wildcard tests/*/*_suite.c tests/bench/*.c tests/budget/*.c))))

MAKEFLAGS += --no-builtin-rules --no-print-directory
.SUFFIXES:
.DELETE_ON_ERROR:
.DEFAULT_GOAL := image
V ?= 0
say   = $(if $(filter 0,$(V)),@printf '  %-5s %s\n' $(1) $(2);)
quiet = $(if $(filter 0,$(V)),@)

# ---- Which board, which application ----
BUILD_GOALS = image run debug size selftest flash stack blocking
needs_build := $(if $(MAKECMDGOALS),$(filter $(BUILD_GOALS) $(BUILD)/%,$(MAKECMDGOALS)),image)

ifneq ($(needs_build),)
ifeq ($(filter $(BOARD),$(BOARDS)),)
$(error There is no board '$(BOARD)'. BOARD is one of: $(BOARDS))
endif
APP_SOURCES := $(firstword $(wildcard apps/$(APP).c tests/*/$(APP).c $(APP).c)) $(wildcard apps/$(APP)/*.c)
ifeq ($(strip $(APP_SOURCES)),)
$(error There is no application '$(APP)'. APP is one of: $(APPS); or a test image: $(TESTS))
endif
endif

# ---- Defaults that a board or an application may change ----
OPT        = -O2
DEBUG_INFO = -g3
ARCH       = arm-m
EXC_STACK  = 512
POLL_STACK = $(if $(call with_net,1),$(if $(filter virt-rv64,$(BOARD)),4096,2048),1024)
MAIN_STACK = 2048
SETUP      =
ASSERT  ?= 1
GUARD   ?= 1
ACCOUNT ?= 1
PAINT   ?= 1
REPORT  ?= full
TINY    ?= 0
TIMERS  ?= $(if $(filter 1,$(TINY)),list,heap)
CHECK   ?= $(if $(filter tests/%,$(APP_SOURCES)),0,1)

-include boards/$(BOARD)/board.mk
include arch/$(ARCH)/arch.mk
include net/lwip/lwip.mk
-include $(patsubst %.c,%.mk,$(firstword $(APP_SOURCES))) $(wildcard apps/$(APP)/app.mk)

# A program that includes <stdio.h> has a stdio per tasklet; others do not pay for it.
STDIO ?= $(if $(strip $(APP_SOURCES)),$(if $(shell grep -l '<stdio.h>' $(APP_SOURCES)),1,0),0)

# A program that includes a header of net/ gets the network; others do not pay for it either.
NET ?= $(if $(strip $(APP_SOURCES)),$(if $(shell grep -l '"\(drivers/\)\?net/' $(APP_SOURCES)),1,0),0)
ifeq ($(needs_build)$(NET)$(wildcard boards/$(BOARD)/net.c),$(needs_build)1)
$(error $(APP) needs a network, and $(BOARD) has none. BOARD is one of: $(patsubst boards/%/net.c,%,$(wildcard boards/*/net.c)))
endif
with_net = $(if $(filter 1,$(NET)),$(1))

# Likewise block devices, and the board's disk, if it has one.
BLOCK ?= $(if $(strip $(APP_SOURCES)),$(if $(shell grep -l '"\(drivers/block\|io/block\)' $(APP_SOURCES)),1,0),0)
with_block = $(if $(filter 1,$(BLOCK)),$(if $(wildcard boards/$(BOARD)/block.c),$(1)))

# The functions whose stacks' sizes a program leaves to the build, by STACK_OF(name), and the sources where it does.
TEXTS  := $(wildcard $(addsuffix .c,$(basename $(APP_SOURCES) $(APP_EXTRA))))
FITTED := $(if $(TEXTS),$(sort $(shell sed 's|//.*||' $(TEXTS) | grep -o '\bSTACK_OF(\w*)' | sed 's/.*(\(.*\))/\1/')))
TEXTS  := $(if $(FITTED),$(shell grep -l '\bSTACK_OF(.*)' $(TEXTS)))

# The file behind the emulator's disk.
DISK  ?= $(BUILD)/disk.img
DRIVE  = $(call with_block,-drive file=$(DISK)$(comma)format=raw$(comma)if=none$(comma)id=disk -device virtio-blk-device$(comma)drive=disk)
comma  = ,

CONFIG := ASSERT=$(ASSERT) GUARD=$(GUARD) ACCOUNT=$(ACCOUNT) PAINT=$(PAINT)
TAG    := $(subst $() ,,$(OPT)$(if $(filter 0,$(ASSERT)),-noassert)$(if $(filter 0,$(GUARD)),-noguard)$(if \
          $(filter 0,$(ACCOUNT)),-noaccount)$(if $(filter 0,$(PAINT)),-nopaint)$(if $(filter brief,$(REPORT)),-brief)$(if $(filter 1,$(TINY)),-tiny)$(if $(filter list,$(TIMERS)),-list)$(if $(filter 1,$(STDIO)),-stdio)$(call with_net,-net)$(call with_block,-block)$(if \
          $(EMULATED),-emulated)$(if $(filter command,$(origin CPU)),-$(CPU))$(TAG_EXTRA))
OUT    := $(BUILD)/$(BOARD)/$(TAG:-%=%)
IMAGE  := $(OUT)/$(APP).elf

# ---- Flags ----
TARGET_CC = $(or $(CC_HOST),$(CROSS)gcc)
WARNINGS = -Wall -Wextra -Wshadow -Wundef -Wconversion -Wvla -Wcast-qual -Wpointer-arith \
           -Wstrict-prototypes -Wmissing-prototypes
ifdef CI
WARNINGS += -Werror
endif
CPPFLAGS = -I. -Iarch/$(ARCH) -Iposix/$(LIBC) $(NET_CPPFLAGS) -DTICK_HZ=$(TICK_HZ) $(foreach c,$(CONFIG),-DCONFIG_$(c)) \
           -DCONFIG_LIBC=$(STDIO) $(ARCH_CPPFLAGS)
CFLAGS   = -std=gnu11 $(OPT) $(DEBUG_INFO) $(CPUFLAGS) -ffunction-sections -fdata-sections -fno-common \
           $(WARNINGS) $(if $(CROSS),-fcallgraph-info=su) $(ARCH_CFLAGS)
LDFLAGS ?= $(or $(LINKFLAGS),$(CPUFLAGS)) -nostartfiles -Wl,--gc-sections -Lboards/$(BOARD) -Llinker \
           -T linker/$(ARCH).ld -Wl,--defsym=__exc_stack_size=$(EXC_STACK) \
           -Wl,--defsym=__poll_stack_size=$(POLL_STACK) -Wl,--defsym=__main_size=$(MAIN_STACK) \
           -Wl,-Map=$(@:.elf=.map) -L$(OUT) $(ARCH_LDFLAGS)

# ---- Sources ----
OTHER_FORMS = $(if $(filter brief,$(REPORT)),%/panic.c,%/panic_brief.c) $(if $(filter 1,$(TINY)),,%/tiny.c) \
              $(if $(filter list,$(TIMERS)),%/timer.c,%/timer_list.c)
LIB_SOURCES = $(filter-out $(OTHER_FORMS),$(wildcard kernel/*.c)) \
              $(ARCH_SOURCES) $(wildcard io/*.c) \
              $(filter-out $(if $(call with_net,1),,%/net.c) $(if $(call with_block,1),,%/block.c),$(wildcard boards/$(BOARD)/*.c boards/$(BOARD)/*.S)) \
              $(patsubst %,drivers/%.c,$(sort $(DRIVERS) $(call with_net,$(NET_DRIVERS)) $(call with_block,$(BLOCK_DRIVERS)))) drivers/block/block.c drivers/block/ram.c $(call with_net,$(wildcard net/*.c net/lwip/*.c)) \
              $(if $(filter uart/%,$(DRIVERS)),drivers/uart/uart.c drivers/uart/input.c) \
              $(if $(filter host,$(LIBC)),,posix/stdio.c) $(wildcard posix/$(LIBC)/*.c)
LIB_OBJECTS = $(patsubst %,$(OUT)/%.o,$(basename $(LIB_SOURCES))) \
              $(call with_net,$(patsubst %.c,$(OUT)/lwip/%.o,$(LWIP_SOURCES)))

# Applications share objects, too; one that has flags of its own, or sizes of stacks, has all its objects to itself.
APP_OUT     = $(OUT)$(if $(strip $(APP_CPPFLAGS) $(FITTED)),/$(APP).own)
APP_OBJECTS = $(patsubst %,$(APP_OUT)/%.o,$(basename $(APP_SOURCES) $(APP_EXTRA)))

# An object is made again when its flags change: they stand in a file that is written only then.
$(LIB_OBJECTS): $(OUT)/common.flags
$(APP_OBJECTS): $(APP_OUT)/common.flags
$(APP_OUT)/%: private EXTRA_CPPFLAGS = $(APP_CPPFLAGS)
$(OUT)/%.flags: FLAGS = $(TARGET_CC) $(CPPFLAGS) $(EXTRA_CPPFLAGS) $(CFLAGS) $(INTEGER_ONLY) $(NET_FIXES)
$(OUT)/$(APP).link.flags: FLAGS = $(LDFLAGS) $(APP_OBJECTS) $(LDLIBS) $(if $(CHECKED),checked)
.PHONY: force
$(OUT)/%.flags: force
	$(call keep,$(FLAGS))
keep = @mkdir -p $(@D) && echo '$(1)' | cmp -s - $@ || echo '$(1)' > $@

define compile
	$(call say,CC,$<)
	$(quiet)mkdir -p $(@D) && $(TARGET_CC) $(CPPFLAGS) $(EXTRA_CPPFLAGS) $(CFLAGS) \
	    $(if $(filter kernel/% drivers/% arch/%,$<),$(INTEGER_ONLY)) -MMD -MP -c -o $@ $<
endef

define assemble
	$(call say,AS,$<)
	$(quiet)mkdir -p $(@D) && $(TARGET_CC) $(CPPFLAGS) $(EXTRA_CPPFLAGS) $(CPUFLAGS) -g3 -MMD -MP -c -o $@ $<
endef

$(OUT)/%.o: %.c | setup
	$(compile)

$(OUT)/%.o: %.S | setup
	$(assemble)

$(OUT)/$(APP).own/%.o: %.c | setup
	$(compile)

$(OUT)/$(APP).own/%.o: %.S | setup
	$(assemble)

# lwIP is compiled as it comes, with its own ideas about warnings.
$(OUT)/lwip/%.o: | setup
	$(call say,CC,lwip/$*.c)
	$(quiet)mkdir -p $(@D) && $(TARGET_CC) $(CPPFLAGS) $(filter-out $(WARNINGS),$(CFLAGS)) $(INTEGER_ONLY) -w -MMD -MP \
	    -c -o $@ $(LWIP)/src/$*.c

# A thin archive: the linker's map then names the objects with their folders.
$(OUT)/libstint.a: $(LIB_OBJECTS)
	$(quiet)rm -f $@ && $(CROSS)ar rcsT $@ $^

# A program is checked as it is linked: nothing waits that must not (docs/stack.md). It takes a second or
# less, and types from the debug information.
CHECKED = $(if $(CROSS),$(and $(filter 1,$(CHECK)),$(findstring -g,$(DEBUG_INFO))))

# The start-up code, the board and its vector table are linked whole: nothing calls them by name. Nor
# does anything that the linker sees before newlib has its own.
KEPT = $(filter $(OUT)/arch/%/start.o $(OUT)/boards/% $(OUT)/posix/newlib/malloc.o,$(LIB_OBJECTS))
LINKED_WITH = $(OUT)/libstint.a $(OUT)/$(APP).link.flags $(wildcard linker/*.ld) $(wildcard boards/$(BOARD)/*)
$(IMAGE): $(APP_OBJECTS) $(LINKED_WITH)
	$(call say,LD,$@)
	$(quiet)$(TARGET_CC) $(LDFLAGS) -o $@ $(APP_OBJECTS) $(KEPT) $(LDLIBS)
	$(if $(CHECKED),$(quiet)$(PYTHON) tools/blocking $@ $(CROSS)objdump --check $(FITTED))
	$(if $(FINISH),$(quiet)$(FINISH) $@)

include $(if $(FITTED),tools/fit.mk)
-include $(patsubst %.o,%.d,$(LIB_OBJECTS) $(APP_OBJECTS) $(FIRST_OBJECTS))

.PHONY: image setup
image: $(IMAGE)
	@$(CROSS)size $(IMAGE) | awk 'NR==2 {printf "  %s for %s: %d bytes of flash, %d of RAM  ->  $(IMAGE)\n", "$(APP)", "$(BOARD)", $$1+$$2, $$2+$$3}'

setup:
	@tools/setup $(SETUP) $(call with_net,$(LWIP_SETUP))

include tools/targets.mk

# The targets that run, measure and check. Included by the Makefile.

.PHONY: run size stack blocking check format test bench coverage mutants selftest boards board-row help clean

PYTHON = /usr/bin/python3
ready  = $(if $(strip $(1)),@tools/setup $(1))

# ---- One image ----

# A disk that is not there begins empty, with 1 MB.
$(DISK):
	$(call say,NEW,$@)
	$(quiet)mkdir -p $(@D) && truncate -s 1M $@

run: $(IMAGE) $(call with_block,$(DISK))
	$(call ready,$(RUN_SETUP))
	@echo "  $(APP) on $(BOARD) under $(or $(firstword $(EMULATOR)),this system); Ctrl-A X leaves."
	$(call with_net,$(if $(WIRE),,@tools/ports --tell $(PORTS)))
	@$(EMULATOR) $(IMAGE)

size: $(IMAGE)
	$(call ready,test)
	@$(PYTHON) tools/size $(IMAGE:.elf=.map)

# How deep each stack can become, and who can switch to another tasklet. FN=name: the way there.
stack: $(IMAGE)
	$(call ready,test)
	@$(PYTHON) tools/stack $(IMAGE) $(CROSS)objdump $(FN)

blocking: $(IMAGE)
	$(call ready,test)
	@$(PYTHON) tools/blocking $(IMAGE) $(CROSS)objdump $(FN)

# ---- The tree ----

check:
	$(call ready,arm riscv host test)
	@$(PYTHON) tools/check

format:
	$(call ready,host)
	@git ls-files -z '*.c' '*.h' | xargs -0 clang-format -i

# PYTEST="-k shell" and the like choose among the tests.
test:
	$(call ready,arm riscv qemu-arm qemu-riscv rp2040js host test models coverage)
	@$(PYTHON) -B -m pytest -n 2 $(PYTEST) tests

bench:
	$(call ready,arm riscv qemu-arm qemu-riscv test)
	@$(PYTHON) tools/bench $(if $(filter 1,$(UPDATE)),--update)

# What the host suites execute and decide of kernel/ and io/, and which small faults there they do not see:
# all of them, or those of ONLY="kernel/chan.c ...", or SAMPLE=200 of them, others with each SEED.
coverage:
	$(call ready,host coverage test)
	@$(PYTHON) tools/coverage

SEED ?= 1
mutants:
	$(call ready,host test)
	@$(PYTHON) tools/mutate $(if $(SAMPLE),--sample $(SAMPLE)) --seed $(SEED) $(ONLY)

selftest:
	$(call ready,$(SETUP) $(if $(RUN),$(RUN_SETUP)) test)
	@$(PYTHON) tools/selftest $(BOARD) $(if $(RUN),--run)

# ---- What there is ----

boards:
	@printf '%-16s %-14s %-10s %-6s %-18s %s\n' BOARD CPU FLASH RAM 'VERIFIED ON' WHAT
	@for board in $(BOARDS); do $(MAKE) BOARD=$$board board-row || exit; done

length = $(or $(shell sed -n 's/.*$(1) .*LENGTH *= *\(.*[^ ]\) *$$/\1/p' boards/$(BOARD)/memory.ld 2>/dev/null),-)
board-row:
	@printf '%-16s %-14s %-10s %-6s %-18s %s\n' '$(BOARD)' '$(CPU)' '$(call length,FLASH)' \
	    '$(call length,RAM)' '$(VERIFIED)' '$(ABOUT)'

# Values of variables, for scripts: make print-IMAGE.
print-%:
	@printf '%s=%s\n' '$*' '$($*)'

define HELP
make BOARD=b APP=a        an image                      make boards    the boards
make run BOARD=b APP=a    starts it under an emulator   make bench     what operations cost
make size BOARD=b APP=a   its flash and RAM by module   make check     checks that need no board: seconds
make stack BOARD=b APP=a  how deep its stacks become
make blocking             what can switch to another tasklet
make selftest BOARD=b     the kernel's tests for it     make test      these, and every board under emulation
make format               clang-format on all sources   make clean     removes build/
make coverage             what host tests decide        make mutants   faults that they do not see

BOARD  $(BOARD) unless given
APP    $(APP) unless given; or one of:
       $(APPS)
       or a path without .c: APP=/home/me/blink
DISK   the file behind a board's disk: $(DISK) unless given, made if it is not there
Options of a build: OPT=-Os  ASSERT=0 GUARD=0 ACCOUNT=0 PAINT=0 (kernel/config.h)  V=1 shows commands
For small parts: TIMERS=list, REPORT=brief for panics, TINY=1 for memcpy and the like (implies TIMERS=list)
endef
export HELP
help:
	@echo "$$HELP"

clean:
	rm -rf $(BUILD)

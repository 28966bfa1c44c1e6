# The targets that run, measure and check. Included by the Makefile.

.PHONY: run clean boards help

run: $(IMAGE)
	@test ! -x tools/setup || tools/setup $(RUN_SETUP)
	@echo "  $(APP) on $(BOARD) under $(firstword $(EMULATOR)); Ctrl-A X leaves."
	@$(EMULATOR) $(IMAGE)

clean:
	rm -rf build

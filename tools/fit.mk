# Sizes of stacks that a program leaves to the build by STACK_OF() (kernel/tasklet.h): they stand in a header that is
# written when they change. Included by the Makefile for a program that has some.

FITTED_OBJECTS = $(patsubst %.c,$(APP_OUT)/%.o,$(TEXTS))
$(FITTED_OBJECTS): private EXTRA_CPPFLAGS = $(APP_CPPFLAGS) -include $(APP_OUT)/stacks.h
$(FITTED_OBJECTS): $(APP_OUT)/stacks.h

all_of = enum { $(foreach f,$(FITTED),stack_of_$(f) = $(1),) };

ifeq ($(CROSS),)
# Nobody knows how deep the host's functions go.
$(APP_OUT)/stacks.h: force
	$(call keep,$(call all_of,32768))
else

# A first image of the program, in which these stacks are small, tells how deep they become.
FIRST         = $(OUT)/$(APP).first
FIRST_OBJECTS = $(patsubst %.c,$(FIRST)/%.o,$(TEXTS)) $(filter-out $(FITTED_OBJECTS),$(APP_OBJECTS))

$(FIRST)/stacks.h: force
	$(call keep,$(call all_of,64))

# What the compiler warns of it says when it compiles them again.
$(FIRST)/%.o: %.c $(FIRST)/stacks.h $(APP_OUT)/common.flags | setup
	$(quiet)mkdir -p $(@D) && $(TARGET_CC) $(CPPFLAGS) $(APP_CPPFLAGS) -include $(FIRST)/stacks.h $(CFLAGS) -w \
	    -MMD -MP -c -o $@ $<

$(FIRST)/image.elf: $(FIRST_OBJECTS) $(LINKED_WITH)
	$(quiet)$(TARGET_CC) $(LDFLAGS) -o $@ $(FIRST_OBJECTS) $(KEPT) $(LDLIBS)

$(FIRST)/fitted.h: $(FIRST)/image.elf tools/stack $(wildcard tools/harness/callgraph/*.py tools/callgraph/*)
	$(quiet)$(PYTHON) tools/stack $< $(CROSS)objdump --fit $@ $(FITTED)

$(APP_OUT)/stacks.h: $(FIRST)/fitted.h
	@mkdir -p $(@D) && cmp -s $< $@ || cp $< $@
endif

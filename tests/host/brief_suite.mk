include tests/kernel/suite.mk
REPORT = brief
LDLIBS += $(addprefix -Wl$(comma)--wrap=arch_,is_image reset)

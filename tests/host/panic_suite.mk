include tests/kernel/suite.mk
LDLIBS += $(addprefix -Wl$(comma)--wrap=arch_,register_names is_image is_ram is_return_address stack_end reset)

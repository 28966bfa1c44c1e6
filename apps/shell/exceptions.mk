# The watch prints in the handler of the clock, over whoever does not give way: on top of what the board has.
EXC_STACK := $(shell expr $(EXC_STACK) + 128)

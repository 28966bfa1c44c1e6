# RAM_KB is what the program may take in all; a board that has less gives what it has.
RAM_KB ?= 64
APP_CPPFLAGS = -DRAM_KB=$(RAM_KB)

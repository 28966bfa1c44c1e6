# A Linux process. Nanosecond clock; virtual time if STINT_VIRTUAL is in the environment.
ARCH = host
CPU = $(shell uname -m)
TICK_HZ = 1000000000
DRIVERS = clock/host uart/host
NET_DRIVERS = net/host net/host_fd net/host_mirror net/host_wire entropy/host
EMULATOR =
VERIFIED = Linux
ABOUT = Linux process on x86-64 or aarch64, in virtual or real time

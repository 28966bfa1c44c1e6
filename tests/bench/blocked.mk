# The stacks that are not the tasklets': as small boards have them.
EXC_STACK = 384
POLL_STACK = 640
MAIN_STACK = 1024

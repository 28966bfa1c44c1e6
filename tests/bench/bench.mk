MAIN_STACK = 4096
APP_EXTRA = $(addprefix tests/bench/,yields.c messages.c lives.c timers.c interrupts.c thread_metric.c)

include tests/kernel/suite.mk
APP_EXTRA += tests/lin/check.c tests/lin/explore.c tests/lin/play.c tests/lin/print.c tests/lin/spec.c tests/lin/wrong.c
# Millions of tasklets, each of which would have its stack painted.
PAINT = 0

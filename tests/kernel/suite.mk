# The harness that every suite here is linked with.
APP_EXTRA = tests/kernel/suite.c

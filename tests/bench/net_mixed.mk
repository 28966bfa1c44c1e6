APP_EXTRA = tests/bench/hash.c

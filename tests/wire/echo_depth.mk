APP_EXTRA = apps/echo.c
ARCH_LDFLAGS += -Wl,--wrap=main
SERVES = 7

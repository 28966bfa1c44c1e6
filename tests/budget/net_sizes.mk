APP_EXTRA = apps/echo.c
NET = 1

APP_EXTRA = apps/shell/fetch.c apps/shell/line.c
APP_CPPFLAGS = $(if $(URL),-DCLIENT_URL='"$(URL)"')
SERVES =

# The main tasklet only accepts connections. The pages in www/ become constants.
MAIN_STACK = 1024
APP_EXTRA = apps/httpd/www
ifeq ($(NET_SMALL),1)
APP_CPPFLAGS = -DNET_SMALL=1
endif

HTTPD_WWW := $(wildcard apps/httpd/www/*)
.PRECIOUS: %/apps/httpd/www.c
%/apps/httpd/www.c: tools/pack $(HTTPD_WWW)
	$(call say,PACK,apps/httpd/www)
	$(quiet)mkdir -p $(@D) && $(PYTHON) tools/pack apps/httpd/www http_files $@
%/apps/httpd/www.o: %/apps/httpd/www.c | setup
	$(call say,CC,$<)
	$(quiet)$(TARGET_CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

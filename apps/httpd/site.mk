# What a program is linked with that serves the board's web site (site.h). The pages in www/ become constants.
SITE_EXTRA = $(patsubst %.c,%,$(filter-out apps/httpd/main.c,$(wildcard apps/httpd/*.c))) apps/httpd/www
APP_CPPFLAGS += $(if $(NET_SMALL),-DNET_SMALL=1)

HTTPD_WWW := $(wildcard apps/httpd/www/*)
.PRECIOUS: $(BUILD)/%/apps/httpd/www.c
$(BUILD)/%/apps/httpd/www.c: tools/pack $(HTTPD_WWW)
	$(call say,PACK,apps/httpd/www)
	$(quiet)mkdir -p $(@D) && $(PYTHON) tools/pack apps/httpd/www http_files $@
$(BUILD)/%/apps/httpd/www.o: $(BUILD)/%/apps/httpd/www.c | setup
	$(call say,CC,$<)
	$(quiet)$(TARGET_CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

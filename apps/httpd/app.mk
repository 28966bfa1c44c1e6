# The main tasklet only accepts connections.
MAIN_STACK = 1024
include apps/httpd/site.mk
APP_EXTRA = apps/httpd/www
SERVES = 80

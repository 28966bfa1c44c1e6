# The main tasklet only accepts connections.
MAIN_STACK = $(if $(filter rv64%,$(CPU)),1536,1024)
include apps/httpd/site.mk
APP_EXTRA = apps/httpd/www
SERVES = 80

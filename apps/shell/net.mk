# The shell and its commands for the network, for programs that are not the shell itself. Their objects
# are shared, so the sizes are one set for all of them.
include apps/shell/exceptions.mk
SHELL_EXTRA  = $(addprefix apps/shell/,shell.c line.c commands.c net_commands.c fetch.c)
TELNET_EXTRA = $(SHELL_EXTRA) apps/telnetd/telnet.c apps/telnetd/server.c
APP_CPPFLAGS = -DSHELL_JOB_STACK=$(if $(NET_SMALL),960,1536) \
               $(if $(NET_SMALL),-DSHELL_JOBS=1 -DSHELL_HISTORY=128 -DTELNETD_SESSIONS=3)

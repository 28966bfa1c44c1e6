# Which parts of lwIP are compiled into programs that use the network; and where it lies: fetched by
# tools/setup, or a copy of one's own with `make LWIP=path`.
LWIP ?= .tools/lwip
LWIP_SETUP = $(if $(filter .tools/lwip,$(LWIP)),lwip)
LWIP_SOURCES = $(addprefix core/,def.c dns.c inet_chksum.c init.c ip.c mem.c memp.c netif.c pbuf.c raw.c stats.c tcp.c \
                 tcp_in.c tcp_out.c udp.c) \
               $(addprefix core/ipv4/,dhcp.c etharp.c icmp.c igmp.c ip4.c ip4_addr.c ip4_frag.c) \
               $(addprefix core/ipv6/,ethip6.c icmp6.c inet6.c ip6.c ip6_addr.c ip6_frag.c mld6.c nd6.c) \
               netif/ethernet.c

# NET_SMALL=1 in a board's board.mk: little RAM. Sanitizers see each of lwIP's buffers if they are malloc's.
NET_CPPFLAGS = $(call with_net,-Inet/lwip -isystem $(LWIP)/src/include $(if $(NET_SMALL),-DNET_SMALL=1) \
                 $(if $(SANITIZE),-DNET_LIBC_MALLOC))

# Compilers do not name headers of -isystem among what an object depends on, nor what those include. Our
# fixes change some, and they include our options: new ones count as new flags.
NET_FIXES = $(call with_net,$(shell cat net/lwip/fixes/*.patch net/lwip/*.h net/lwip/arch/*.h 2>/dev/null | cksum))

# The emulator's network: make run forwards ports of this machine to those on which the program SERVES
# (in its app.mk); which, tools/ports says, once for each run of make. WIRE is another network (`user`,
# `dgram,...`), MAC another address than the emulator's. A machine without an Ethernet device of its own
# has one plugged in.
SERVES  = 80 23 7 5001
PORTS   = $(eval PORTS := $(shell tools/ports $(SERVES)))$(PORTS)
FORWARD = $(foreach pair,$(PORTS),$(comma)hostfwd=tcp:127.0.0.1:$(pair)) \
          $(foreach pair,$(filter %-:5001,$(PORTS)),$(comma)hostfwd=udp:127.0.0.1:$(pair))
wire    = -netdev $(or $(WIRE),user$(subst $() ,,$(FORWARD)))$(comma)id=wire
NETWORK = $(call with_net,$(wire) $(if $(filter %-device,$(NIC)),-device $(NIC)$(comma)netdev=wire$(MAC:%=$(comma)mac=%),-net \
            nic$(comma)netdev=wire$(comma)model=$(NIC)$(MAC:%=$(comma)macaddr=%)))
